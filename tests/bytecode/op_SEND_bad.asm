# Its value must be there on every way.
start: SEND 0, r1, not
not:   FINISH "x"
rejected "register 1 holds nothing on some way here"
