# Only a currency can be looked up.
rates name="ecb" version="1" content="00"
factor num=1 den=1
factor
conversion num=1 den=1 factor_count=2
start:
       LOAD_CONST r2, 2
       IF_RATE r2, s1, no, 0/0
no:    FINISH "x"
rejected "register 2 may hold what is no currency"
