# Known, absent and text fields.
given event 8 unknown
start: LOAD_CONST r0, 1
       STORE j1, r0
       CAPTURE j3, e4
       CAPTURE j1, e8
       CAPTURE j2, e7
       FINISH "done"
expect journey 3 = 2500
expect journey 1 unknown
expect journey 2 = "hello"
expect finish "done"
