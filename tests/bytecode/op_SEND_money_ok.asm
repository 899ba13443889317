# A message carries money in the currency that it came in, which stands right behind it.
value name="deposit.amount" kind=4 of=none
value name="" kind=15
effect kind=0 action="email" name="welcome" object=0 channel=0 gate=0 counter=none value_first=3 value_count=2 line=1
start: LOAD_EVENT r2, e4
       LOAD_EVENT r3, e5
       SEND 5, r2, next
next:  FINISH "sent"
expect made effect 5
expect value 0 = 2500
expect value 1 = 0
expect finish "sent"
