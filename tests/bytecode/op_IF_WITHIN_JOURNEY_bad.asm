# Nothing was remembered.
start: IF_WITHIN_JOURNEY j6, s1, no, 5
no:    FINISH "x"
rejected "slot 6 may be unknown here"
