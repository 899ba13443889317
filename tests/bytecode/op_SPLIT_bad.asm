# There is one split.
start: SPLIT r0, 1
       FINISH "x"
rejected "operand i (SPLIT) is 1; there are 1"
