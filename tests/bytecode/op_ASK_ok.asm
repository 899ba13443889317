# The question leaves and the journey rests until somebody answers. The answer to a query is kept by the code behind it.
field name="odds" kind=3 high=1000000 slot=4
event name="odds" wire="query odds" field_first=7 field_count=1 slot_count=5
query name="odds" event=2
ask asked="churn-model" effect=5 query=0
ask asked="crm-leads" effect=6 query=none people=2
effect kind=5 action="odds" name="churn-model" channel=none gate=none counter=none line=6
effect kind=5 action="approval" name="crm-leads" channel=none gate=none counter=none line=7
variable name="odds" kind=3 high=1000000
state duration=5000 kind=2 deadline=1 timeout=@late granted=@odds ask=0
state duration=86400000 kind=2 known=256 deadline=1 timeout=@late granted=@yes declined=@no ask=1
odds:  CAPTURE j8, e4
       ASK 6, 4
yes:   LOAD_JOURNEY r0, j8
       FINISH "YES"
no:    FINISH "NO"
late:  FINISH "LATE"
start: ASK 5, 3
expect ask 5 3
