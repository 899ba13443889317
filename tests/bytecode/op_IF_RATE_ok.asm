# GBP has a rate into EUR; JPY has none.
currency code="JPY" decimals=0
rate number=1163500 to=1
rates name="ecb" version="1" content="00" rate_count=1
factor num=2327 den=2000
factor num=1 den=1
factor
conversion num=1 den=1 currency=1 factor_count=3
start:
       LOAD_EVENT r2, e5
       IF_RATE r2, s1, no, 0/0
       LOAD_CONST r2, 2
       IF_RATE r2, s2, no, 0/0
       FINISH "both"
no:    FINISH "one"
expect site 1 yes
expect site 2 no
expect finish "one"
