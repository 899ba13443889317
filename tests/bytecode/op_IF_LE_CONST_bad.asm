# On the other way it is not.
start: LOAD_EVENT r0, e4
       IF_LE_CONST r0, s1, more, 1000
       FINISH "small"
more:  STORE j1, r0
       FINISH "large"
rejected "register 0 can hold [1001, 10000000], variable 1 only [0, 1000]"
