# Known on one way is not known where both meet.
start: IF_KNOWN_JOURNEY j1, s1, meet
meet:  LOAD_JOURNEY r0, j1
       FINISH "x"
rejected "may be unknown here"
