# There are 4 sites.
start: IF_LE_EVENT e4, s4, no, 1
no:    FINISH "x"
rejected "operand b (SITE) is 4; there are 4"
