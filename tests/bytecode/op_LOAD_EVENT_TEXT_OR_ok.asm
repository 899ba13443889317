given event 7 unknown
start:
       LOAD_EVENT_TEXT_OR r0, e7, "none"
       STORE_TEXT j2, r0
       FINISH "done"
expect journey 2 = "none"
expect finish "done"
