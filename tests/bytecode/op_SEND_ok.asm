# Sent with its value; the pressure rule counts it.
given gate 0 pressure 2
given pressure 1 left 3
start: LOAD_EVENT r1, e4
       SEND 0, r1, not
       FINISH "sent"
not:   FINISH "not sent"
expect made effect 0
expect value 0 = 2500
expect pressure 1 left 2
expect finish "sent"
