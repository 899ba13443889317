start:
       LOAD_CONST r0, 700
       STORE j1, r0
       IF_LE_JOURNEY j1, s1, bad, 700
       IF_LE_JOURNEY j1, s2, good, 699
bad:   FINISH "wrong"
good:  FINISH "right"
expect site 1 yes
expect site 2 no
expect site 3 none
expect finish "right"
