# A day less than three calendar days ago: within for one more day.
start: LOAD_CONST r0, 1780956000000
       IF_WITHIN_CALENDAR r0, s1, no, 0m3d0
       FINISH "within"
no:    FINISH "beyond"
expect site 1 yes
expect changes 1781215200000
expect finish "within"
