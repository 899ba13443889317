# The calendar ends somewhere.
start:
       LOAD_CONST r1, 72057594037927937
       ADD_CALENDAR r0, r1, campaign, 1m0d0
       FINISH "x"
rejected "register 1 can be too far from now for the calendar"
