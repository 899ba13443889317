start:
       LOAD_CONST r1, 6
       MUL_CONST r0, r1, -7
       STORE j6, r0
       FINISH "done"
expect journey 6 = -42
expect finish "done"
