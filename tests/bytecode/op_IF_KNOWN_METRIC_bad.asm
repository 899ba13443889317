# A figure of the journey cannot be read before there is one.
filter check
check: IF_KNOWN_METRIC m5, s1, no
       ACCEPT
no:    REJECT
start: FINISH "x"
rejected "metric 5 belongs to the journeys of another campaign"
