effect kind=1 action="credit" name="welcome" object=0 channel=none gate=1 counter=none value_first=1 value_count=0
start: CREDIT 5, r0, 1
rejected "section effect, record 5: a credit carries its action's parameters, the cost, and at most the deposit that wagering counts"
