# A filter that goes on into the journey.
filter check
check: LOAD_CONST r0, 1
start: FINISH "x"
rejected "code of two kinds, or of two metrics, meets here"
