# The request carries its cost.
start: LOAD_CONST r2, 1250
       CREDIT 1, r2, 1
expect credit 1 1 1250
expect value 0 = 1250
