start:
       LOAD_CONST r1, 40
       LOAD_CONST r2, -2
       SUB r0, r1, r2
       STORE j6, r0
       FINISH "done"
expect journey 6 = 42
expect finish "done"
