# It can hold 10.
start: COUNT j0, s1, no, 11
no:    FINISH "x"
rejected "the counter cannot reach 11"
