# Overflow is refused.
start:
       LOAD_CONST r1, 9223372036854775807
       LOAD_CONST r2, 1
       ADD r0, r1, r2
       FINISH "x"
rejected "the result can leave 64 bits"
