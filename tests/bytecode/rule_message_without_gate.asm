# Nothing is sent past the gates.
effect kind=0 action="email" name="welcome" object=0 channel=0 gate=none counter=none value_first=0 value_count=1
start: LOAD_CONST r0, 1
       SEND 5, r0, no
no:    FINISH "x"
rejected "effect 5 passes no gate"
