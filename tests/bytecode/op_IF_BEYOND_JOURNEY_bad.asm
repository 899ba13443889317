# It may be unknown.
start:
       IF_BEYOND_JOURNEY j3, s1, no, 1
no:    FINISH "x"
rejected "slot 3 may be unknown here"
