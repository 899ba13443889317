start: LOAD_CONST r0, 5
       IF_WITHIN_DATES r0, s1, no, 0m0d0
no:    FINISH "x"
rejected "it reaches back for no time at all, or forward"
