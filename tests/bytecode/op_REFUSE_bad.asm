# There is no such reason.
start: REFUSE 1, 99
       FINISH "nothing"
rejected "operand b (REASON) is 99"
