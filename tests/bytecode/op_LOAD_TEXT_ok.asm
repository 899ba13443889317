start:
       LOAD_TEXT r0, "16 bytes exactly"
       STORE_TEXT j2, r0
       FINISH "done"
expect journey 2 = "16 bytes exactly"
expect finish "done"
