start:
       LOAD_JOURNEY_OR r0, j1, 42
       STORE j6, r0
       FINISH "done"
expect journey 6 = 42
expect journey 1 unknown
expect finish "done"
