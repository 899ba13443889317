start: LOAD_CONST r0, 5
       IF_BEYOND_CONST r0, s1, no, -1
no:    FINISH "x"
rejected "it reaches back -1 ms"
