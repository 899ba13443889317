# A filter of the start has no journey.
filter check
check: LOAD_JOURNEY_OR r0, j1, 42
       ACCEPT
start: FINISH "x"
rejected "there is no journey here"
