start:
       LOAD_CONST r0, 1
       STORE j4, r0
       STORE j5, r0
       IF_BITS_JOURNEY j4, s1, bad, w0
       IF_BITS_JOURNEY j4, s2, good, w1
bad:   FINISH "wrong"
good:  FINISH "right"
expect site 1 yes
expect site 2 no
expect site 3 none
expect finish "right"
