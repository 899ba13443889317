start: LOAD_METRIC r0, m0
       IF_IN_CONST r0, s1, no, 0x3
no:    FINISH "x"
rejected "register 0 can hold more than the set has bits"
