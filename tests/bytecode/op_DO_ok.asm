# Made with its text.
start: LOAD_PLAYER_TEXT r3, p4
       DO 2, r3, not
       FINISH "done"
not:   FINISH "not"
expect made effect 2
expect value 0 = "Ann"
expect finish "done"
