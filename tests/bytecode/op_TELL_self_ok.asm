# The own journey cannot tell the own player.
given player 4 = "player-1"
value name="player" kind=10
value name="device" kind=1
effect kind=6 action="tell" name="session" object=1 channel=none gate=none counter=none value_first=3 value_count=2 line=6
start: LOAD_PLAYER_TEXT r0, p4
       LOAD_CONST r1, 9
       TELL 5, r0, not
       FINISH "done"
not:   FINISH "not"
expect made refused 5 33
expect finish "not"
