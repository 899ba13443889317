start:
       LOAD_PLAYER r0, p6
       STORE j6, r0
       FINISH "done"
expect journey 6 = 12345
expect finish "done"
