# It may be unknown.
start:
       IF_BEYOND_PLAYER p2, s1, no, 5
no:    FINISH "x"
rejected "slot 2 may be unknown here"
