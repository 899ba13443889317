given event 8 unknown
start:
       LOAD_EVENT_OR r0, e8, 42
       STORE j6, r0
       FINISH "done"
expect journey 6 = 42
expect finish "done"
