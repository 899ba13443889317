# At most 1,001 is not at most 1,000.
start:
       LOAD_EVENT r1, e4
       MIN_CONST r0, r1, 1001
       STORE j1, r0
       FINISH "x"
rejected "register 0 can hold [0, 1001], variable 1 only [0, 1000]"
