# There are not so many texts.
start: FINISH 999999
rejected "operand i (TEXT) is 999999"
