# Half-open: what is exactly so long ago lies outside.
given now 5000
given event 4 = 4001
start:
       IF_BEYOND_EVENT e4, s1, next, 1000
       JUMP bad
next:  IF_BEYOND_EVENT e4, s2, bad, 999
       JUMP good
bad:   FINISH "wrong"
good:  FINISH "right"
expect site 1 no
expect site 2 yes
expect finish "right"
