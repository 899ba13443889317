# A text is no number.
start:
       LOAD_CONST r1, 5
       LOAD_TEXT r2, "x"
       MIN r0, r1, r2
       FINISH "x"
rejected "register 2 holds a text, not a number"
