# A reward that is merely done would pass no budget.
effect kind=2 action="bonus" name="" object=0 channel=none gate=1 counter=none value_first=2 value_count=1 line=3
start: LOAD_TEXT r3, "hello"
       DO 5, r3, not
not:   FINISH "x"
rejected "effect 5 is a reward, which is asked for by CREDIT"
