# Nothing below it may.
value name="player" kind=10
value name="device" kind=1
effect kind=6 action="tell" name="session" object=1 channel=none gate=none counter=none value_first=3 value_count=2 line=6
start: LOAD_PLAYER_TEXT r0, p4
       LOAD_CONST r1, -1
       TELL 5, r0, not
       FINISH "done"
not:   FINISH "not"
rejected "value 1 can be more than the event's field may hold"
