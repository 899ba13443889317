# An offer is shown where the player is: marketing, through the gate of an in-app channel.
channel name="chat" in_app=1
action name="show_offer" class=0
gate class=0 message_class=0 channel=1
effect kind=2 action="show_offer" name="welcome" object=2 channel=none gate=3 counter=none value_first=2 value_count=1 line=3
start: LOAD_TEXT r3, "welcome"
       DO 5, r3, not
       FINISH "shown"
not:   FINISH "not"
expect made effect 5
expect finish "shown"
