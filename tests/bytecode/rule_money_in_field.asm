field name="paid" kind=4 of=0 slot=4
event name="short" wire="short" field_first=7 field_count=1 slot_count=6
start: FINISH "x"
rejected "money of an event has its currency in the slot behind it"
