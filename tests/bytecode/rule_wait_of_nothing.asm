state duration=0 kind=0 deadline=1 timeout=@end
start: WAIT 3
rejected "it waits for no time at all, or for ever"
