start:
       IF_BEYOND_EVENT e0, s1, bad, 100000
       IF_BEYOND_EVENT e0, s2, good, 100001
bad:   FINISH "wrong"
good:  FINISH "right"
expect site 1 yes
expect site 2 no
expect site 3 none
expect finish "right"
