# Pressure until 5000 and quiet hours until 9000: delayed until the later; no place is taken from either rule.
given gate 0 pressure 3
given gate 0 quiet 9000
given pressure 0 left 0
given pressure 0 delays 1
given pressure 0 free 5000
given pressure 1 left 2
start: LOAD_CONST r1, 1
       SEND 0, r1, not
       FINISH "sent"
not:   FINISH "not sent"
expect made delayed 0 5 9000
expect pressure 1 left 2
expect value 0 = 1
expect finish "sent"
