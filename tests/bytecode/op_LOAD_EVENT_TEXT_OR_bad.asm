# Not for numbers.
start: LOAD_EVENT_TEXT_OR r0, e8, "none"
       FINISH "x"
rejected "slot 8 holds a number"
