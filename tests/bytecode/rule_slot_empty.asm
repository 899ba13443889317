# Slot 4 of this event is nobody's.
field name="late" kind=1 slot=5
event name="gap" wire="gap" field_first=7 field_count=1 slot_count=6
wait_case event=2 target=@come
state duration=1 kind=0 deadline=1 timeout=@end case_first=1 case_count=1
start: WAIT 3
come:  LOAD_EVENT r0, e4
       FINISH "x"
rejected "slot 4 holds nothing"
