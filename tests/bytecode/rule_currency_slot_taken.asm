# The currency of an amount stands in the slot behind it.
field name="paid" kind=4 of=none slot=4
field name="tax" kind=4 of=none slot=5
event name="short" wire="short" field_first=7 field_count=2 slot_count=7
start: FINISH "x"
rejected "section field, record 8: its slot 5 is taken"
