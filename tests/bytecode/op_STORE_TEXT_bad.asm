# j1 is a number.
start: LOAD_TEXT r0, "x"
       STORE_TEXT j1, r0
       FINISH "x"
rejected "variable 1 holds a number"
