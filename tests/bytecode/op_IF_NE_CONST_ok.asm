start:
       LOAD_CONST r0, 50
       IF_NE_CONST r0, s1, bad, 51
       IF_NE_CONST r0, s2, good, 50
bad:   FINISH "wrong"
good:  FINISH "right"
expect site 1 yes
expect site 2 no
expect site 3 none
expect finish "right"
