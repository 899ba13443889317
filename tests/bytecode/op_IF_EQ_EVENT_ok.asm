start:
       IF_EQ_EVENT e4, s1, bad, 2500
       IF_EQ_EVENT e4, s2, good, 2501
bad:   FINISH "wrong"
good:  FINISH "right"
expect site 1 yes
expect site 2 no
expect site 3 none
expect finish "right"
