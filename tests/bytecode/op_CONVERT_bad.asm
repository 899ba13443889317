# A register that may hold what is no currency.
rates name="ecb" version="1" content="00"
factor num=1 den=1
factor
conversion num=1 den=1 factor_count=2
start:
       LOAD_EVENT r1, e4
       CONVERT r0, r1, r1, 0/0
       FINISH "x"
rejected "register 1 may hold what is no currency"
