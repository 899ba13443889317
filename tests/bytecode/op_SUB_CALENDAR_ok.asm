start:
       LOAD_PLAYER r1, p9
       SUB_CALENDAR r0, r1, player, 0m2d0
       STORE j6, r0
       FINISH "done"
expect journey 6 = 1780099200000
expect finish "done"
