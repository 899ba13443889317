# A journey has no value.
start: LOAD_CONST r0, 1
       YIELD r0
rejected "only metrics and orders give a value"
