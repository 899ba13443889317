given metric 2 = "thanks"
given metric 3 unknown
start: IF_KNOWN_METRIC m2, s1, no
       LOAD_METRIC_TEXT r0, m2
       LOAD_METRIC_TEXT r1, m3
       STORE_TEXT j2, r0
       IF_TEXT_EQ r1, s2, no, "none"
       DO 2, r1, no
no:    FINISH "done"
expect journey 2 = "thanks"
expect site 2 yes
expect made effect 2
expect value 0 = "none"
expect changes never
expect finish "done"
