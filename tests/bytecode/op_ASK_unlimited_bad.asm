# Every question has a time limit.
ask asked="crm-leads" effect=5 query=none people=2
effect kind=5 action="approval" name="crm-leads" channel=none gate=none counter=none line=6
state kind=2 granted=@end declined=@end ask=0
start: ASK 5, 3
rejected "a question has a time limit"
