# The name has up to 32 bytes, j2 holds 16.
start: LOAD_PLAYER_TEXT r0, p4
       STORE_TEXT j2, r0
       FINISH "x"
rejected "register 0 can hold [0, 32], variable 2 only [0, 16]"
