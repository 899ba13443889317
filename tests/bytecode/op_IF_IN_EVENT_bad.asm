# An amount is no bit.
start:
       IF_IN_EVENT e4, s1, no, 0x2
no:    FINISH "x"
rejected "slot 4 can hold more than the set has bits"
