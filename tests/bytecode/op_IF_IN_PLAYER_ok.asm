start:
       IF_IN_PLAYER p8, s1, bad, 0x4
       IF_IN_PLAYER p8, s2, good, 0x3
bad:   FINISH "wrong"
good:  FINISH "right"
expect site 1 yes
expect site 2 no
expect site 3 none
expect finish "right"
