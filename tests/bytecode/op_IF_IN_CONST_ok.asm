given metric 4 = 2
start: LOAD_METRIC r0, m4
       IF_IN_CONST r0, s1, no, 0x3
       FINISH "red or green"
no:    IF_IN_CONST r0, s2, none, 0x6
       FINISH "green or blue"
none:  FINISH "x"
expect site 1 no
expect site 2 yes
expect finish "green or blue"
