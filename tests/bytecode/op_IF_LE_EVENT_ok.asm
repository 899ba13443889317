start:
       IF_LE_EVENT e4, s1, bad, 2500
       IF_LE_EVENT e4, s2, good, 2499
bad:   FINISH "wrong"
good:  FINISH "right"
expect site 1 yes
expect site 2 no
expect site 3 none
expect finish "right"
