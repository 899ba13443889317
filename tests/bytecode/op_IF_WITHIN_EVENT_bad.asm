# It must reach back.
start:
       IF_WITHIN_EVENT e0, s1, no, 0
no:    FINISH "x"
rejected "it reaches back 0 ms"
