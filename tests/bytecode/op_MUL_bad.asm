# Overflow is refused.
start:
       LOAD_CONST r1, 4294967296
       LOAD_CONST r2, 2147483648
       MUL r0, r1, r2
       FINISH "x"
rejected "the result can leave 64 bits"
