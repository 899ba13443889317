# It is settled before it ends.
metric high=1000000000 name="points" aggregate=5 span=6 kind=4 of=1 zone="UTC" event=0 code=@paid tournament=0
metric low=-1000000000000000 high=1000000000000000 name="when" aggregate=12 span=6 kind=7 optional=1 zone="UTC" event=0 code=@last tournament=0
score num=1000000 den=1 metric=8 last=9 whole=1
rank kind=0 largest_first=1
rank kind=3
prize amount=400 first=1 last=3
tournament from=1000 until=2000 settles=1500 campaign=0 score_count=1 rank_count=2 prize_count=1
start: FINISH "x"
rejected "it does not end after its start, or is settled before its end"
