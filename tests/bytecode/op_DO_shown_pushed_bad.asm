# Nor does a shown offer pass the gate of a channel that reaches out.
action name="show_offer" class=0
gate class=0 message_class=0 channel=0
effect kind=2 action="show_offer" name="welcome" object=2 channel=none gate=3 counter=none value_first=2 value_count=1 line=3
start: LOAD_TEXT r3, "welcome"
       DO 5, r3, not
not:   FINISH "not"
rejected "effect 5 passes the gate of something else"
