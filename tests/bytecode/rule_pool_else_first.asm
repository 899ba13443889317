# What stands behind everyone else would count for nobody.
pool name="spring" zone="UTC" codes=1 kind=2 pattern="SPRING" alphabet="ABCD" valid_from=-9223372036854775808 valid_through=9223372036854775807 hold_ms=1 quota_first=0 quota_count=2
quota name="ELSE" amount=1 filter=none
quota name="VIP" amount=1 filter=none
start: FINISH "END"
rejected "everyone else does not come last"
