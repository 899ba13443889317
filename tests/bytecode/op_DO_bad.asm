# The value is a text; the register holds a number.
start: LOAD_CONST r3, 1
       DO 2, r3, not
not:   FINISH "not"
rejected "register 3 holds a number, not a text"
