# There is no such reason.
start: REFUSE 1, 250
       FINISH "nothing"
rejected "operand b (REASON) is 250"
