# Nothing is there.
start:
       MOVE r0, r1
       FINISH "x"
rejected "register 1 holds nothing on some way here"
