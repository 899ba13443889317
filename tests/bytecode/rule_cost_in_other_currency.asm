# The campaign counts in GBP.
value name="cost" kind=4 of=1
effect kind=1 action="credit" name="welcome" object=0 channel=none gate=1 counter=none value_first=3 value_count=1
start: LOAD_CONST r0, 1
       CREDIT 5, r0, 1
rejected "the cost of effect 5 is not money of the campaign"
