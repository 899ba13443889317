# The exposure is recorded; arm 1 was given by the test.
given arm 1
start: SPLIT r0, 0
       IF_EQ_CONST r0, s1, a, 1
       FINISH "B"
a:     FINISH "A"
expect made exposure 0 1
expect finish "B"
