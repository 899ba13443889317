# The bonus may be absent.
start: LOAD_EVENT r0, e8
       FINISH "x"
rejected "slot 8 may be unknown here"
