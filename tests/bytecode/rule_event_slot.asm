# A session has 5 slots.
wait_case event=1 target=@come
state duration=1 kind=0 deadline=1 timeout=@end case_first=1 case_count=1
start: WAIT 3
come:  LOAD_EVENT r0, e6
       FINISH "x"
rejected "the event has no slot 6"
