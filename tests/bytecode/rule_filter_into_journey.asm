# A filter that jumps into the journey.
filter check
check: JUMP start
       REJECT
start: FINISH "x"
rejected "code of two kinds, or of two metrics, meets here"
