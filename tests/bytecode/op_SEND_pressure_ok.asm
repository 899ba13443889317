# Pressure that drops (4) wins over pressure that delays.
given gate 0 pressure 3
given pressure 0 left 0
given pressure 0 delays 1
given pressure 0 free 5000
given pressure 1 left 0
start: LOAD_CONST r1, 1
       SEND 0, r1, not
       FINISH "sent"
not:   FINISH "not sent"
expect made refused 0 4
expect finish "not sent"
