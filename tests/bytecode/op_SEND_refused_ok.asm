# A verdict of the gate (3: no consent) is recorded, and the other way is taken. Nothing is counted.
given gate 0 verdict 3
given gate 0 pressure 1
given pressure 0 left 3
start: LOAD_CONST r1, 1
       SEND 0, r1, not
       FINISH "sent"
not:   FINISH "not sent"
expect made refused 0 3
expect pressure 0 left 3
expect finish "not sent"
