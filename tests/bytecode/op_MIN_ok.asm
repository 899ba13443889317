start:
       LOAD_CONST r1, 5
       LOAD_CONST r2, -3
       MIN r0, r1, r2
       STORE j6, r0
       FINISH "done"
expect journey 6 = -3
expect finish "done"
