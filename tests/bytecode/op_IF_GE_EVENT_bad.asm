# Two events lead here, with fields of their own.
wait_case event=0 target=@come
wait_case event=1 target=@come
state duration=1 kind=0 deadline=1 timeout=@end case_first=1 case_count=2
start: WAIT 3
come:  IF_GE_EVENT e4, s1, no, 1
no:    FINISH "x"
rejected "there is no event here, or not the same on all ways"
