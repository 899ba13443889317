# A text is no set.
start:
       IF_ANY_PLAYER p4, s1, no, 0x5
no:    FINISH "x"
rejected "slot 4 holds a text"
