start:
       LOAD_PLAYER r1, p9
       ADD_CALENDAR r0, r1, campaign, 1m1d500
       STORE j6, r0
       FINISH "done"
expect journey 6 = 1782950400500
expect finish "done"
