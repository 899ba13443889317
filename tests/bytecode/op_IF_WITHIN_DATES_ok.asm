# The 8th is within the last three days of the 10th (London, an hour before midnight), the 7th is not.
start: LOAD_CONST r0, 20612
       IF_WITHIN_DATES r0, s1, no, 0m3d0
       LOAD_CONST r0, 20611
       IF_WITHIN_DATES r0, s2, no, 0m3d0
no:    FINISH "done"
expect site 1 yes
expect site 2 no
expect changes 1781132400000
expect finish "done"
