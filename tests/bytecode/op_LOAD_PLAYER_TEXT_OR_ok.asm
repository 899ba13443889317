given player 5 = "Al"
start:
       LOAD_PLAYER_TEXT_OR r0, p5, "friend"
       STORE_TEXT j2, r0
       FINISH "done"
expect journey 2 = "Al"
expect finish "done"
