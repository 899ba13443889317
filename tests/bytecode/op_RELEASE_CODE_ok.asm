# Giving back is asked for like a credit; both answers may lead to one place.
pool name="spring" zone="UTC" codes=1 kind=2 pattern="SPRING" valid_from=-9223372036854775808 valid_through=9223372036854775807 hold_ms=900000
effect kind=8 action="release code" name="spring" channel=none gate=none counter=none line=6
state kind=1 granted=@on declined=@on
on:    FINISH "BACK"
start: RELEASE_CODE 5, 3
expect code 5 3
