# A value within the record's range, a constant one where there is none, and one that the record does not allow.
given metric 0 = 700 1781128800500
given metric 4 unknown
given metric 7 = 9000000000
start: LOAD_METRIC r0, m0
       LOAD_METRIC r1, m4
       LOAD_METRIC r2, m7
       MIN_CONST r0, r0, 10000000
       STORE j3, r0
       STORE j4, r1
       MIN_CONST r2, r2, 1000
       STORE j1, r2
       FINISH "done"
expect journey 3 = 700
expect journey 4 = 1
expect journey 1 = 1000
expect changes 1781128800500
expect finish "done"
