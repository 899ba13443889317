# A filter that goes on into the journey.
filter check
check: LOAD_CONST r0, 1
start: FINISH "x"
rejected "it belongs to a filter and to a journey"
