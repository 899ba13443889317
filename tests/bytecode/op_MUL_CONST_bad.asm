# Overflow is refused.
start:
       LOAD_PLAYER r1, p6
       MUL_CONST r0, r1, 10000000000
       FINISH "x"
rejected "the result can leave 64 bits"
