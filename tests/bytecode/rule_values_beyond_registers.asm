start: DO 2, r8, no
no:    FINISH "x"
rejected "the values of effect 2 reach beyond the registers"
