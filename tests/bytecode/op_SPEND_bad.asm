# Fewer than none would be a gift.
points name="stars" currency=0 zone="UTC" line=5
value name="points" kind=1
effect kind=9 action="spend" name="stars" object=0 channel=none gate=none counter=none value_first=3 value_count=1 line=6
start: LOAD_CONST r0, -1
       SPEND 5, r0, not
       FINISH "done"
not:   FINISH "not"
rejected "what it spends is no number of points"
