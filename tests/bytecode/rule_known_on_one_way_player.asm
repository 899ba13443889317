# Known on one way is not known where both meet.
start: IF_KNOWN_PLAYER p2, s1, meet
meet:  LOAD_PLAYER r0, p2
       FINISH "x"
rejected "may be unknown here"
