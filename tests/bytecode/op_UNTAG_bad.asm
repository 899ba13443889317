# Filters make nothing.
filter check
check: UNTAG 4
       ACCEPT
start: FINISH "done"
rejected "a filter only judges"
