# All that a rate can make of an amount fits in 64 bits.
rate number=1000000000000000 to=1
rates name="ecb" version="1" content="00" rate_count=1
factor num=1000000000 den=1
factor num=1 den=1
conversion num=1 den=1 currency=1 factor_count=2
start:
       LOAD_CONST r1, 9223372036854775807
       LOAD_EVENT r2, e5
       CONVERT r0, r1, r2, 0/0
       FINISH "x"
rejected "the result can leave 64 bits"
