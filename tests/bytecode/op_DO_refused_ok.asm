# Responsible gaming (1) stops it.
given gate 2 verdict 1
start: LOAD_TEXT r3, "hello"
       DO 2, r3, not
       FINISH "done"
not:   FINISH "not"
expect made refused 2 1
expect finish "not"
