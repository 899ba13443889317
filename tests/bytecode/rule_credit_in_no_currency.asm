# What is paid in a currency of the moment ends in it.
value name="cost" kind=4
value name="paid" kind=4 of=none
value name="currency" kind=15
effect kind=1 action="credit" name="welcome" object=0 channel=none gate=1 counter=none value_first=3 value_count=3 line=2
start: LOAD_CONST r2, 1250
       LOAD_CONST r3, 5000
       LOAD_CONST r4, 2
       CREDIT 5, r2, 1
rejected "may carry what is no currency"
