# It may have no value.
start: LOAD_METRIC r0, m1
       FINISH "x"
rejected "slot 1 may be unknown here"
