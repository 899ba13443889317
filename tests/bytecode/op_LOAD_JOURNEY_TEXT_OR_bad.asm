# There are 8 variables.
start: LOAD_JOURNEY_TEXT_OR r0, j8, "x"
       FINISH "x"
rejected "operand b (JOURNEY_ANY) is 8; there are 8"
