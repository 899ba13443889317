start: LOAD_CONST r0, 1
       CREDIT 1, r0, 0
rejected "state 0 is of the other kind"
