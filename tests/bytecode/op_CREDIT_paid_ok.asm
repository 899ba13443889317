# A credit that is paid in a currency of the moment: cost, what is paid, and the currency.
value name="cost" kind=4
value name="paid" kind=4 of=none
value name="currency" kind=15
effect kind=1 action="credit" name="welcome" object=0 channel=none gate=1 counter=none value_first=3 value_count=3 line=2
start: LOAD_CONST r2, 1250
       LOAD_CONST r3, 5000
       LOAD_EVENT r4, e5
       CREDIT 5, r2, 1
expect credit 5 1 1250
expect value 0 = 1250
expect value 1 = 5000
expect value 2 = 0
