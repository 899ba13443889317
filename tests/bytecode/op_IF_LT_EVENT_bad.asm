# The note is a text.
start: IF_KNOWN_EVENT e7, s1, no
       IF_LT_EVENT e7, s1, no, 1
no:    FINISH "x"
rejected "slot 7 holds a text"
