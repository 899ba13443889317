# There are two places.
start:
       LOAD_PLAYER r1, p9
       SUB_CALENDAR r0, r1, player, 0m2d0 ! c=2
       FINISH "x"
rejected "operand c (PLACE) is 2; there are 2"
