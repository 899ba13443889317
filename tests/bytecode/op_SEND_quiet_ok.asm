# Quiet hours that drop (5).
given gate 0 quiet 9000
given gate 0 drops 1
start: LOAD_CONST r1, 1
       SEND 0, r1, not
       FINISH "sent"
not:   FINISH "not sent"
expect made refused 0 5
expect finish "not sent"
