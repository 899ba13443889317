# Factors are what the rates make, not what somebody says.
rate number=1163500 to=1
rates name="ecb" version="1" content="00" rate_count=1
factor num=2327 den=1000
factor num=1 den=1
conversion num=1 den=1 currency=1 factor_count=2
start: FINISH "x"
rejected "it is not what its table's rates make"
