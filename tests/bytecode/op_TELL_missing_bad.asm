# A field that must be there is not told.
value name="player" kind=10
effect kind=6 action="tell" name="session" object=1 channel=none gate=none counter=none value_first=3 value_count=1 line=6
start: LOAD_PLAYER_TEXT r0, p4
       TELL 5, r0, not
       FINISH "done"
not:   FINISH "not"
rejected "it does not tell a field that the event must have"
