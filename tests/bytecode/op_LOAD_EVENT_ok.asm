start:
       LOAD_EVENT r0, e4
       STORE j6, r0
       FINISH "done"
expect journey 6 = 2500
expect finish "done"
