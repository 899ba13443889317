start:
       IF_ANY_PLAYER p7, s1, bad, 0x6
       IF_ANY_PLAYER p7, s2, good, 0x5
bad:   FINISH "wrong"
good:  FINISH "right"
expect site 1 yes
expect site 2 no
expect site 3 none
expect finish "right"
