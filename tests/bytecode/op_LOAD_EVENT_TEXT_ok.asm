start:
       IF_KNOWN_EVENT e7, s1, no
       LOAD_EVENT_TEXT r0, e7
       STORE_TEXT j2, r0
       FINISH "done"
no:    FINISH "no"
expect journey 2 = "hello"
expect finish "done"
