filter check
check: LOAD_TEXT r0, "no"
       YIELD_TEXT r0
start: FINISH "x"
rejected "only metrics and orders give a value"
