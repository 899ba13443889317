start:
       LOAD_NOW r0
       STORE j6, r0
       FINISH "done"
expect journey 6 = 1781128800000
expect finish "done"
