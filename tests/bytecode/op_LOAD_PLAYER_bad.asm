# The level may be unknown.
start: LOAD_PLAYER r0, p2
       FINISH "x"
rejected "slot 2 may be unknown here"
