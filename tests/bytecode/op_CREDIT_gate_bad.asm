# A reward through the gate of an action: `never reward` would not be asked.
effect kind=1 action="credit" name="welcome" object=0 channel=none gate=2 counter=none value_first=1 value_count=1 line=2
start: LOAD_CONST r1, 1
       CREDIT 5, r1, 1
rejected "effect 5 passes the gate of something else"
