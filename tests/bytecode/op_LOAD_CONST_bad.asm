# Operands that an instruction does not have are zero.
start: LOAD_CONST r0, 1 ! b=1
       FINISH "x"
rejected "operand b must be zero"
