start:
       IF_LT_PLAYER p6, s1, bad, 12346
       IF_LT_PLAYER p6, s2, good, 12345
bad:   FINISH "wrong"
good:  FINISH "right"
expect site 1 yes
expect site 2 no
expect site 3 none
expect finish "right"
