# The state behind it waits for the answer to another question.
ask asked="crm-leads" effect=6 query=none people=2
effect kind=5 action="approval" name="crm-leads" channel=none gate=none counter=none line=6
effect kind=5 action="approval" name="other" channel=none gate=none counter=none line=7
state duration=86400000 kind=2 deadline=1 timeout=@end granted=@end declined=@end ask=0
start: ASK 5, 3
rejected "its state waits for the answer to another question"
