# The other way round.
start: LOAD_NOW r0
       ADD_CONST r0, r0, 1
       STORE j6, r0
       IF_BEYOND_JOURNEY j6, s1, bad, 9223372036854775807
       ADD_CONST r0, r0, -1
       STORE j6, r0
       IF_BEYOND_JOURNEY j6, s2, good, 1
bad:   FINISH "wrong"
good:  FINISH "right"
expect site 1 yes
expect site 2 no
expect finish "right"
