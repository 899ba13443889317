# It must reach back.
start:
       IF_BEYOND_EVENT e0, s1, no, -1
no:    FINISH "x"
rejected "it reaches back -1 ms"
