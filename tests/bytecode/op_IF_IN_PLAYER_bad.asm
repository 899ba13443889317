# A balance is no bit.
start:
       IF_IN_PLAYER p6, s1, no, 0x3
no:    FINISH "x"
rejected "slot 6 can hold more than the set has bits"
