# Not for texts.
start: LOAD_EVENT_OR r0, e7, 42
       FINISH "x"
rejected "slot 7 holds a text"
