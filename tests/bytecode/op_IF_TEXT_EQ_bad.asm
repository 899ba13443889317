# There are not so many texts.
start:
       LOAD_PLAYER_TEXT r0, p4
       LOAD_TEXT r1, "Ann"
       LOAD_TEXT r2, "Anna"
       IF_TEXT_EQ r0, s1, no, 999999
no:    FINISH "x"
rejected "operand i (TEXT) is 999999"
