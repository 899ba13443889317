rates name="ecb" version="1" content="00"
factor num=1 den=1
conversion num=1 den=1 factor_count=1
start: FINISH "x"
rejected "it has not one factor for each currency"
