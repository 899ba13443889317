# The event has 11 slots.
start:
       IF_KNOWN_EVENT e11, s1, no
no:    FINISH "x"
rejected "operand a (EVENT_ANY) is 11; there are 11"
