# What tells of a given code is made by the engine.
pool name="spring" zone="UTC" codes=1 kind=2 pattern="SPRING" alphabet="ABCD" valid_from=-9223372036854775808 valid_through=9223372036854775807 hold_ms=1 given=0
start: FINISH "END"
rejected "what tells of a given code is no event of the engine"
