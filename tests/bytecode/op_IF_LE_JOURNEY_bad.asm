# j2 is a text.
start: LOAD_TEXT r0, "x"
       STORE_TEXT j2, r0
       IF_LE_JOURNEY j2, s1, no, 1
no:    FINISH "x"
rejected "slot 2 holds a text"
