# An action that counts as a message waits for its hour like one; its gate alone says so.
given gate 2 quiet 9000
start: LOAD_PLAYER_TEXT r3, p4
       DO 2, r3, not
       FINISH "done"
not:   FINISH "not"
expect made delayed 2 5
expect value 0 = "Ann"
expect finish "done"
