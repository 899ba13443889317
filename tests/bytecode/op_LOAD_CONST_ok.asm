start:
       LOAD_CONST r0, -72057594037927936
       STORE j6, r0
       FINISH "done"
expect journey 6 = -72057594037927936
expect finish "done"
