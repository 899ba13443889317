start: LOAD_CONST r0, 20615
       IF_BEYOND_DATES r0, s1, no, 0m3d0
       FINISH "beyond"
no:    FINISH "within"
expect site 1 yes
expect changes 1781132400000
expect finish "beyond"
