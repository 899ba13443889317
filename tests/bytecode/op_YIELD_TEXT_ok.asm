# Metric 2 has the note of a deposit.
metric 2
given event 7 = "thanks"
start: FINISH "x"
expect yield "thanks"
