# Known on one way is not known where both meet.
start: IF_KNOWN_METRIC m1, s1, meet
meet:  LOAD_METRIC r0, m1
       FINISH "x"
rejected "may be unknown here"
