# The longer of the two counts.
start: LOAD_PLAYER_TEXT_OR r0, p5, "a very long default"
       STORE_TEXT j2, r0
       FINISH "x"
rejected "register 0 can hold [0, 19], variable 2 only [0, 16]"
