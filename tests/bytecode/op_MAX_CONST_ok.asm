start:
       LOAD_PLAYER r1, p6
       MAX_CONST r0, r1, 20000
       STORE j6, r0
       FINISH "done"
expect journey 6 = 20000
expect finish "done"
