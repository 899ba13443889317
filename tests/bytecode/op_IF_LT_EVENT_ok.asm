start:
       IF_LT_EVENT e4, s1, bad, 2501
       IF_LT_EVENT e4, s2, good, 2500
bad:   FINISH "wrong"
good:  FINISH "right"
expect site 1 yes
expect site 2 no
expect site 3 none
expect finish "right"
