# Marketing that calls itself responsible gaming would be outside consent, caps and hours.
gate class=0 message_class=2 channel=0 product=0
effect kind=0 action="email" name="welcome" object=0 channel=0 gate=3 counter=none value_first=0 value_count=1 line=1
start: LOAD_CONST r1, 1
       SEND 5, r1, not
not:   FINISH "x"
rejected "effect 5 passes the gate of something else"
