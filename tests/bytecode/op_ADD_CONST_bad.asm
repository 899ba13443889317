# Overflow is refused.
start:
       LOAD_CONST r1, 9223372036854775807
       ADD_CONST r0, r1, 1
       FINISH "x"
rejected "the result can leave 64 bits"
