# There are 8 variables.
start:
       LOAD_CONST r0, 1
       STORE j4, r0
       STORE j5, r0
       IF_ANY_JOURNEY j8, s1, no, 0x6
no:    FINISH "x"
rejected "operand a (JOURNEY) is 8; there are 8"
