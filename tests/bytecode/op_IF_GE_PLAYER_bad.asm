# It skips over the end.
start: IF_GE_PLAYER p6, s1, +1, 1
       FINISH "x"
rejected "skips beyond the end"
