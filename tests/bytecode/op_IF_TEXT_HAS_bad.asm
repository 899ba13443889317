# A number has no letters.
start:
       LOAD_PLAYER_TEXT r0, p4
       LOAD_TEXT r1, "Ann"
       LOAD_TEXT r2, "Anna"
       LOAD_CONST r3, 1
       IF_TEXT_HAS r3, s1, no, "x"
no:    FINISH "x"
rejected "register 3 holds a number, not a text"
