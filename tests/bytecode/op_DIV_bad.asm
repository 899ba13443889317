# An amount may be zero.
start:
       LOAD_EVENT r2, e4
       LOAD_CONST r1, 7
       DIV r0, r1, 0, r2
       FINISH "x"
rejected "register 2 can be zero"
