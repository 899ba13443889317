# Nothing is there.
start:
       LOAD_PLAYER_TEXT r0, p4
       LOAD_TEXT r1, "Ann"
       LOAD_TEXT r2, "Anna"
       IF_TEXT_SAME r0, s1, no, r3
no:    FINISH "x"
rejected "register 3 holds nothing on some way here"
