start:
       LOAD_NOW r1
       TIME_OF r0, r1, campaign
       STORE j6, r0
       FINISH "done"
expect journey 6 = 82800000
expect finish "done"
