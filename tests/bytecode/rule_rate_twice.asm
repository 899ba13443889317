# A pair of currencies has one rate, whichever way it is written.
rate number=1163500 to=1
rate number=860000 from=1
rates name="ecb" version="1" content="00" rate_count=2
start: FINISH "x"
rejected "its pair of currencies has a rate before it"
