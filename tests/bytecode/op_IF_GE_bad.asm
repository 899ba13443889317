# There are 8 registers.
start: LOAD_CONST r0, 1
       IF_GE r0, s1, no, r8
no:    FINISH "x"
rejected "operand i (REG_IMM) is 8; there are 8"
