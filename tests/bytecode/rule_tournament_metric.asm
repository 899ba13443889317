# A metric of instances is of a tournament.
metric high=1000000000 name="points" aggregate=5 span=6 kind=4 of=1 zone="UTC" event=0 code=@paid
start: FINISH "x"
rejected "it counts over the windows of no tournament"
