# It may be unknown.
start:
       LOAD_CONST r0, 1
       STORE j4, r0
       STORE j5, r0
       IF_IN_JOURNEY j1, s1, no, 0x5
no:    FINISH "x"
rejected "slot 1 may be unknown here"
