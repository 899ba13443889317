# … of its own channel.
channel name="sms"
effect kind=0 action="sms" name="welcome" object=0 channel=1 gate=0 counter=none value_first=0 value_count=1
start: LOAD_CONST r0, 1
       SEND 5, r0, no
no:    FINISH "x"
rejected "effect 5 passes the gate of something else"
