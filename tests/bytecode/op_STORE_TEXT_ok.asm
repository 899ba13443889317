start:
       LOAD_TEXT r0, ""
       STORE_TEXT j2, r0
       FINISH "done"
expect journey 2 = ""
expect finish "done"
