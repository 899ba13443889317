# There are 8 variables.
start: IF_BEYOND_JOURNEY j8, s1, no, 5
no:    FINISH "x"
rejected "operand a (JOURNEY) is 8; there are 8"
