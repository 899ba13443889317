start: LOAD_CONST r0, 1000
       STORE j1, r0
       WAIT 2
expect journey 1 = 1000
expect wait 2
