# There are 8 variables.
start:
       IF_KNOWN_JOURNEY j8, s1, no
no:    FINISH "x"
rejected "operand a (JOURNEY_ANY) is 8; there are 8"
