# At least 0 says nothing of the other end.
start:
       LOAD_PLAYER r1, p6
       MAX_CONST r0, r1, 0
       STORE j1, r0
       FINISH "x"
rejected "register 0 can hold [0, 1000000000], variable 1 only [0, 1000]"
