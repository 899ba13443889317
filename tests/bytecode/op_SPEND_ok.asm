# So many points, less what was spent of them before.
given points 0 = 150
points name="stars" currency=0 zone="UTC" line=5
value name="points" kind=1
effect kind=9 action="spend" name="stars" object=0 channel=none gate=none counter=none value_first=3 value_count=1 line=6
start: LOAD_CONST r0, 100
       SPEND 5, r0, not
       SPEND 5, r0, not
       FINISH "twice"
not:   LOAD_CONST r0, 50
       SPEND 5, r0, poor
       FINISH "done"
poor:  FINISH "poor"
expect made effect 5
expect made refused 5 70
expect made effect 5
expect value 0 = 100
expect value 1 = 50
expect finish "done"
