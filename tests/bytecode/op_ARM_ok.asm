# No exposure.
given arm 0
start: ARM r0, 0
       IF_EQ_CONST r0, s1, b, 0
       FINISH "A"
b:     FINISH "B"
expect finish "A"
