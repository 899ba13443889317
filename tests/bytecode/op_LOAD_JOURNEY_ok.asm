start:
       LOAD_CONST r1, 7
       STORE j1, r1
       LOAD_JOURNEY r0, j1
       STORE j6, r0
       FINISH "done"
expect journey 6 = 7
expect journey 1 = 7
expect finish "done"
