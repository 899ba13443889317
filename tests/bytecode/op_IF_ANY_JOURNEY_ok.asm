start:
       LOAD_CONST r0, 1
       STORE j4, r0
       STORE j5, r0
       IF_ANY_JOURNEY j5, s1, bad, 0x3
       IF_ANY_JOURNEY j5, s2, good, 0x6
bad:   FINISH "wrong"
good:  FINISH "right"
expect site 1 yes
expect site 2 no
expect site 3 none
expect finish "right"
