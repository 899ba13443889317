# Without a gate no `never` line would be asked.
effect kind=2 action="notify" name="" object=1 channel=none gate=none counter=none value_first=2 value_count=1 line=3
start: LOAD_TEXT r3, "hello"
       DO 5, r3, not
not:   FINISH "x"
rejected "effect 5 passes no gate"
