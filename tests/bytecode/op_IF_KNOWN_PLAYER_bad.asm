# There are 11 slots.
start:
       IF_KNOWN_PLAYER p11, s1, no
no:    FINISH "x"
rejected "operand a (PLAYER_ANY) is 11; there are 11"
