# A filter has no journey to end.
filter check
check: FINISH "x"
start: FINISH "x"
rejected "a filter only judges"
