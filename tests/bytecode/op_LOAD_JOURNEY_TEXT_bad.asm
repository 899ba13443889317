# Known on one of two ways is not known.
start: IF_EQ_EVENT e4, s1, join, 1
       LOAD_TEXT r1, "kept"
       STORE_TEXT j2, r1
join:  LOAD_JOURNEY_TEXT r0, j2
       FINISH "x"
rejected "slot 2 may be unknown here"
