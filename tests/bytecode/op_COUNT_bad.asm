# Only counters count.
start: LOAD_CONST r0, 0
       STORE j1, r0
       COUNT j1, s1, no, 2
no:    FINISH "no"
rejected "variable 1 is no counter"
