# Nine words are too few for 676 countries.
start:
       IF_BITS_EVENT e10, s1, no, w2
no:    FINISH "x"
rejected "slot 10 can hold more than the set has bits"
