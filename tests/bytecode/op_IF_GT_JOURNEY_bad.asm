# It may be unknown.
start:
       LOAD_CONST r0, 700
       STORE j1, r0
       IF_GT_JOURNEY j3, s1, no, 1
no:    FINISH "x"
rejected "slot 3 may be unknown here"
