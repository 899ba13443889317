# A text is no set.
start:
       IF_ANY_EVENT e7, s1, no, 0x2
no:    FINISH "x"
rejected "slot 7 holds a text"
