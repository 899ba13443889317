given now 5000
start:
       LOAD_CONST r0, 700
       STORE j1, r0
       IF_BEYOND_JOURNEY j1, s1, next, 4301
       JUMP bad
next:  IF_BEYOND_JOURNEY j1, s2, bad, 4300
       JUMP good
bad:   FINISH "wrong"
good:  FINISH "right"
expect site 1 no
expect site 2 yes
expect finish "right"
