start: LOAD_CONST r0, 5
       IF_WITHIN_CALENDAR r0, s1, no, 0m-3d0
no:    FINISH "x"
rejected "it reaches back for no time at all, or forward"
