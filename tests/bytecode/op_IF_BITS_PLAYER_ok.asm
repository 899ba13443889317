start:
       IF_BITS_PLAYER p8, s1, bad, w2
       IF_BITS_PLAYER p8, s2, good, w0
bad:   FINISH "wrong"
good:  FINISH "right"
expect site 1 yes
expect site 2 no
expect site 3 none
expect finish "right"
