start: LOAD_CONST r0, min
       IF_BEYOND_CALENDAR r0, s1, no, 0m3d0
no:    FINISH "x"
rejected "register 0 can be too far from now for the calendar"
