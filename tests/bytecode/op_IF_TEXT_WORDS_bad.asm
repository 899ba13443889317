# A number has no words.
start:
       LOAD_CONST r3, 1
       IF_TEXT_WORDS r3, s1, no, "x"
no:    FINISH "x"
rejected "register 3 holds a number, not a text"
