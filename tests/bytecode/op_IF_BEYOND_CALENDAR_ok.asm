start: LOAD_CONST r0, 1780869600000
       IF_BEYOND_CALENDAR r0, s1, no, 0m3d0
       FINISH "beyond"
no:    FINISH "within"
expect site 1 yes
expect finish "beyond"
