effect kind=1 action="credit" name="welcome" object=0 channel=none gate=none counter=none value_first=1 value_count=1
start: LOAD_CONST r0, 1
       CREDIT 5, r0, 1
rejected "effect 5 passes no gate"
