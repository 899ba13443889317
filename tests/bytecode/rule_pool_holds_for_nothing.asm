# A reservation that ends when it begins holds nothing.
pool name="spring" zone="UTC" codes=1 kind=2 pattern="SPRING" alphabet="ABCD" valid_from=-9223372036854775808 valid_through=9223372036854775807 hold_ms=0
start: FINISH "END"
rejected "a reservation lasts for no time at all"
