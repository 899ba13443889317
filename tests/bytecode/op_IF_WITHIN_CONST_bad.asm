start: LOAD_CONST r0, 5
       IF_WITHIN_CONST r0, s1, no, 0
no:    FINISH "x"
rejected "it reaches back 0 ms"
