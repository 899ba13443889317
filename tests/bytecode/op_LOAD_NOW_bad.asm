# Now is far more than 1,000.
start: LOAD_NOW r0
       STORE j1, r0
       FINISH "x"
rejected "variable 1 only [0, 1000]"
