# There are 11 slots.
start: IF_LE_PLAYER p11, s1, no, 1
no:    FINISH "x"
rejected "operand a (PLAYER) is 11; there are 11"
