start:
       IF_WITHIN_PLAYER p9, s1, bad, 856800001
       IF_WITHIN_PLAYER p9, s2, good, 856800000
bad:   FINISH "wrong"
good:  FINISH "right"
expect site 1 yes
expect site 2 no
expect site 3 none
expect finish "right"
