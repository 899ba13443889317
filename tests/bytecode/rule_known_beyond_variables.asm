state duration=1 kind=0 known=256 deadline=1 timeout=@end
start: FINISH "x"
rejected "a state knows a variable that does not exist"
