# More codes than fit would be one code twice.
pool name="spring" zone="UTC" codes=17 kind=0 pattern="S-??" alphabet="ABCD" valid_from=-9223372036854775808 valid_through=9223372036854775807 hold_ms=1
start: FINISH "END"
rejected "it makes more codes than fit its pattern"
