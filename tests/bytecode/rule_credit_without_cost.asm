effect kind=1 action="credit" name="welcome" object=0 channel=none gate=1 counter=none value_first=1 value_count=0
start: CREDIT 5, r0, 1
rejected "effect 5 carries other values than its offer has"
