start:
       LOAD_CONST r1, 3333
       LOAD_CONST r2, 750000
       MUL_RATIO r0, r1, r2
       STORE j6, r0
       FINISH "done"
expect journey 6 = 2499
expect finish "done"
