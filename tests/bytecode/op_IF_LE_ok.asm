start:
       LOAD_CONST r0, 50
       LOAD_CONST r1, 50
       LOAD_CONST r2, 51
       LOAD_CONST r3, 49
       IF_LE r0, s1, bad, r1
       IF_LE r0, s2, good, r3
bad:   FINISH "wrong"
good:  FINISH "right"
expect site 1 yes
expect site 2 no
expect site 3 none
expect finish "right"
