# 1,001 is more than j1 may be.
start: LOAD_CONST r0, 1001
       STORE j1, r0
       WAIT 2
rejected "register 0 can hold [1001, 1001], variable 1 only [0, 1000]"
