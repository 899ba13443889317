# The amount is no text.
start: LOAD_EVENT_TEXT r0, e4
       FINISH "x"
rejected "slot 4 holds a number"
