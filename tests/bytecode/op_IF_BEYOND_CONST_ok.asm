# What is over stays over.
start: LOAD_CONST r0, 1781125200000
       IF_BEYOND_CONST r0, s1, no, 3600000
       FINISH "beyond"
no:    FINISH "within"
expect site 1 yes
expect changes never
expect finish "beyond"
