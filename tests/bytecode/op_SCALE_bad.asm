# Half up makes 1,001 of 1,000.5; a ratio over zero is none.
start:
       LOAD_CONST r1, 2001
       SCALE r0, r1, 2, 1/0
       FINISH "x"
rejected "operand i divides by zero"
