start:
       LOAD_CONST r1, 2001
       SCALE r0, r1, 2, 1/2
       STORE j6, r0
       FINISH "done"
expect journey 6 = 1001
expect finish "done"
