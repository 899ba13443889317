# The event has 11 slots.
start: IF_NE_EVENT e11, s1, no, 1
no:    FINISH "x"
rejected "operand a (EVENT) is 11; there are 11"
