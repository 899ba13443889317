word 0x0000000000000004
start: LOAD_METRIC r0, m4
       IF_BITS_CONST r0, s1, no, w11
       FINISH "in"
no:    FINISH "out"
given metric 4 = 2
expect site 1 yes
expect finish "in"
