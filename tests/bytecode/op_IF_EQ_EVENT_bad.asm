# It may be unknown.
start:
       IF_EQ_EVENT e8, s1, no, 1
no:    FINISH "x"
rejected "slot 8 may be unknown here"
