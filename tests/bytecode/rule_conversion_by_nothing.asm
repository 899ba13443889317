rates name="ecb" version="1" content="00"
factor num=1 den=1
factor num=0 den=0
conversion num=0 den=1 factor_count=2
start: FINISH "x"
rejected "it scales by nothing"
