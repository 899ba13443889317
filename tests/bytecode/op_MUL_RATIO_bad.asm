# More than 100% of the largest number.
start:
       LOAD_CONST r1, 9223372036854775807
       LOAD_CONST r2, 1000001
       MUL_RATIO r0, r1, r2
       FINISH "x"
rejected "the result can leave 64 bits"
