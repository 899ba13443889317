given metric 1 = 300 1781128900000
start: IF_KNOWN_METRIC m1, s1, no
       LOAD_METRIC r0, m1
       STORE j3, r0
       FINISH "known"
no:    FINISH "unknown"
expect journey 3 = 300
expect changes 1781128900000
expect site 1 yes
expect finish "known"
