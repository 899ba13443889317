# An approval that nobody gives.
ask asked="crm-leads" effect=5 query=none people=0
effect kind=5 action="approval" name="crm-leads" channel=none gate=none counter=none line=6
state duration=1000 kind=2 deadline=1 timeout=@end granted=@end declined=@end ask=0
start: ASK 5, 3
rejected "1 to 8 people approve"
