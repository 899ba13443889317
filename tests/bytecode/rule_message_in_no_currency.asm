value name="deposit.amount" kind=4 of=none
value name="" kind=15
effect kind=0 action="email" name="welcome" object=0 channel=0 gate=0 counter=none value_first=3 value_count=2 line=1
start: LOAD_EVENT r2, e4
       SEND 5, r2, next
next:  FINISH "sent"
rejected "register 3 holds nothing"
