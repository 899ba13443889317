start:
       LOAD_CONST r1, -5
       MOVE r0, r1
       STORE j6, r0
       FINISH "done"
expect journey 6 = -5
expect finish "done"
