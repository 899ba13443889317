rate number=1000000
rates name="ecb" version="1" content="00" rate_count=1
start: FINISH "x"
rejected "it leads from a currency to itself"
