# Half-open: what is exactly so long ago lies outside.
given now 5000
given event 4 = 4001
start:
       IF_WITHIN_EVENT e4, s1, bad, 1000
       IF_WITHIN_EVENT e4, s2, good, 999
bad:   FINISH "wrong"
good:  FINISH "right"
expect site 1 yes
expect site 2 no
expect finish "right"
