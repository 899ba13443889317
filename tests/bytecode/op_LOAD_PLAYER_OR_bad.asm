# A default counts for the range: -1 is no number of points.
start: LOAD_PLAYER_OR r0, p2, -1
       STORE j1, r0
       FINISH "x"
rejected "register 0 can hold [-1, 10], variable 1 only [0, 1000]"
