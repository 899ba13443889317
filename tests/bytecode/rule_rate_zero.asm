rate number=0 to=1
rates name="ecb" version="1" content="00" rate_count=1
start: FINISH "x"
rejected "its number is not above 0"
