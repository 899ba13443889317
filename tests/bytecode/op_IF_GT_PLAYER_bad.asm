# It may be unknown.
start:
       IF_GT_PLAYER p2, s1, no, 1
no:    FINISH "x"
rejected "slot 2 may be unknown here"
