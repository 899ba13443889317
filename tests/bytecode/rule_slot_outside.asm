# The event has 5 slots.
field name="far" kind=1 slot=7
event name="short" wire="short" field_first=7 field_count=1 slot_count=5
start: FINISH "x"
rejected "section field, record 7: its slot 7 does not exist"
