start:
       LOAD_CONST r1, -7
       LOAD_CONST r2, 2
       DIV r0, r1, 0, r2
       STORE j6, r0
       FINISH "done"
expect journey 6 = -3
expect finish "done"
