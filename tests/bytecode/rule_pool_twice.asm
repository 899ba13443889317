# What became of codes is kept under the name of their pool.
pool name="spring" zone="UTC" codes=1 kind=2 pattern="SPRING" alphabet="ABCD" valid_from=-9223372036854775808 valid_through=9223372036854775807 hold_ms=1
pool name="spring" zone="UTC" codes=1 kind=2 pattern="SUMMER" alphabet="ABCD" valid_from=-9223372036854775808 valid_through=9223372036854775807 hold_ms=1
start: FINISH "END"
rejected "another pool has its name"
