# 25.00 GBP at 1.1635 EUR for one are 29.0875 EUR: 29.09 by halves up, 29.08 down; 190 JPY for one have no minor units.
currency code="JPY" decimals=0
rate number=1163500 to=1
rate number=190000000 to=2
rates name="ecb" version="1" content="00" rate_count=2
factor num=2327 den=2000
factor num=1 den=1
factor
conversion num=1 den=1 currency=1 factor_count=3
factor num=1 den=1
factor num=2327 den=2000
factor num=19 den=10
conversion num=1 den=1 outward=1 factor_first=3 factor_count=3
start:
       LOAD_EVENT r1, e4
       LOAD_EVENT r2, e5
       CONVERT r0, r1, r2, 2/0
       STORE j6, r0
       LOAD_CONST r1, 701
       CONVERT r0, r1, r2, 0/0
       STORE j1, r0
       LOAD_CONST r2, 2
       CONVERT r0, r1, r2, 0/0
       STORE j7, r0
       CONVERT r0, r1, r2, 1/1
       STORE j3, r0
       FINISH "done"
expect journey 6 = 2909
expect journey 1 = 815
expect journey 7 = 0
expect journey 3 = 1332
expect finish "done"
