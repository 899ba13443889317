# There are 8 registers.
start:
       LOAD_CONST r1, 5
       LOAD_CONST r2, 5
       MAX r0, r1, r9
       FINISH "x"
rejected "operand c (IN) is 9; there are 8"
