# Word 0 has DE (82) in its second word; from word 1 on, bit 82 is not set.
start: IF_BITS_EVENT e10, s1, bad, w0
       IF_BITS_EVENT e6, s2, good, w1
bad:   FINISH "wrong"
good:  FINISH "right"
expect site 1 yes
expect site 2 no
expect finish "right"
