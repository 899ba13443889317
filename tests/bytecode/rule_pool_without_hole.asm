# A pattern without a place for a letter makes no codes.
pool name="spring" zone="UTC" codes=1 kind=0 pattern="SPRING" alphabet="ABCD" valid_from=-9223372036854775808 valid_through=9223372036854775807 hold_ms=1
start: FINISH "END"
rejected "no codes can be made of its pattern"
