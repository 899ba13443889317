# Known on one way is not known where both meet.
start: IF_KNOWN_EVENT e8, s1, meet
meet:  LOAD_EVENT r0, e8
       FINISH "x"
rejected "may be unknown here"
