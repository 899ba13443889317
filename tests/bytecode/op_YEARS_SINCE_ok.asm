start:
       LOAD_PLAYER r1, p10
       YEARS_SINCE r0, r1, player
       STORE j6, r0
       FINISH "done"
expect journey 6 = 36
expect finish "done"
