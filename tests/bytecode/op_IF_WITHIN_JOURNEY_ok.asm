given now 5000
start:
       LOAD_CONST r0, 700
       STORE j1, r0
       IF_WITHIN_JOURNEY j1, s1, bad, 4301
       IF_WITHIN_JOURNEY j1, s2, good, 4300
bad:   FINISH "wrong"
good:  FINISH "right"
expect site 1 yes
expect site 2 no
expect finish "right"
