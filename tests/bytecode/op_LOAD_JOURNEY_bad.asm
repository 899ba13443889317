# Nothing was remembered.
start: LOAD_JOURNEY r0, j1
       FINISH "x"
rejected "slot 1 may be unknown here"
