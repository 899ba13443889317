# Nothing is there.
start:
       LOAD_CONST r0, 50
       IF_GT_CONST r1, s1, no, 1
no:    FINISH "x"
rejected "register 1 holds nothing on some way here"
