# An answer that comes from another pool would bring the event of that one.
pool name="spring" zone="UTC" codes=1 kind=2 pattern="SPRING" valid_from=-9223372036854775808 valid_through=9223372036854775807 hold_ms=900000
pool name="summer" zone="UTC" codes=1 kind=2 pattern="SUMMER" valid_from=-9223372036854775808 valid_through=9223372036854775807 hold_ms=900000
effect kind=7 action="give code" name="spring" channel=none gate=none counter=none line=6
state kind=3 granted=@yes declined=@no ask=1
yes:   FINISH "GIVEN"
no:    FINISH "NONE LEFT"
start: GIVE_CODE 5, 3
rejected "its state waits for a code of another pool"
