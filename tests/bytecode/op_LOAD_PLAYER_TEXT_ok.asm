# The name reaches an effect.
start: LOAD_PLAYER_TEXT r0, p4
       DO 2, r0, no
no:    FINISH "done"
expect made effect 2
expect value 0 = "Ann"
expect finish "done"
