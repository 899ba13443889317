# A time-out brings no event.
wait_case event=0 target=@end
state duration=1 kind=0 deadline=1 timeout=@late
start: WAIT 3
late:  IF_GT_EVENT e4, s1, no, 1
no:    FINISH "x"
rejected "there is no event here, or not the same on all ways"
