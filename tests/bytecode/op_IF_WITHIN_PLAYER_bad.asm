# A text is no moment.
start:
       IF_WITHIN_PLAYER p4, s1, no, 5
no:    FINISH "x"
rejected "slot 4 holds a text"
