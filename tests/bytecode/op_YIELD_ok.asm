# Metric 0 has the amount of a deposit; the campaign itself only has to be there.
metric 0
given event 4 = 4200
start: FINISH "x"
expect yield 4200
