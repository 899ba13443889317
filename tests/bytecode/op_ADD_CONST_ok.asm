start:
       LOAD_CONST r1, 40
       ADD_CONST r0, r1, 2
       STORE j6, r0
       FINISH "done"
expect journey 6 = 42
expect finish "done"
