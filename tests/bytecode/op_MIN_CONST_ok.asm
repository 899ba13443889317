start:
       LOAD_EVENT r1, e4
       MIN_CONST r0, r1, 1000
       STORE j1, r0
       STORE j6, r0
       FINISH "done"
expect journey 6 = 1000
expect finish "done"
