# Ten words are too few for 676 countries.
start:
       IF_BITS_PLAYER p3, s1, no, w1
no:    FINISH "x"
rejected "slot 3 can hold more than the set has bits"
