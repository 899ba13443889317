start:
       LOAD_PLAYER_OR r0, p2, 42
       STORE j6, r0
       FINISH "done"
expect journey 6 = 3
expect finish "done"
