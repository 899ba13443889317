# A filter that jumps into the journey.
filter check
check: JUMP start
       REJECT
start: FINISH "x"
rejected "it belongs to a filter and to a journey"
