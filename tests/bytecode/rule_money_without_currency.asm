value name="amount" kind=4 of=none
effect kind=2 action="notify" name="" object=1 channel=none gate=2 counter=none value_first=3 value_count=1 line=3
start: FINISH "x"
rejected "it carries money without a currency"
