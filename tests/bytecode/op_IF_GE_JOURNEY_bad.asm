# It goes on beyond the end.
start: IF_GE_JOURNEY j0, s1, +0, 1
rejected "skips beyond the end"
