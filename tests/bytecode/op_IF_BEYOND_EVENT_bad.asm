# It skips over the end.
start: IF_BEYOND_EVENT e4, s1, +1, 1000
       FINISH "x"
rejected "skips beyond the end"
