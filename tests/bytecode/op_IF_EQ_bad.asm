# Nothing is there.
start:
       LOAD_CONST r0, 50
       LOAD_CONST r1, 50
       LOAD_CONST r2, 51
       LOAD_CONST r3, 49
       IF_EQ r0, s1, no, r4
no:    FINISH "x"
rejected "register 4 holds nothing on some way here"
