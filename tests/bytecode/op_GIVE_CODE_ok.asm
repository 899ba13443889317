# The journey rests until the pool has answered; what it was given is kept by the code behind the answer.
field name="code" kind=10 size=16 slot=4
event name="code_given" wire="code.given" field_first=7 field_count=1 about=3 slot_count=5 made_by_engine=1
pool name="spring" zone="UTC" codes=100 kind=0 pattern="S-????" alphabet="ABCD" valid_from=-9223372036854775808 valid_through=9223372036854775807 hold_ms=900000 code_count=1 given=2
effect kind=7 action="give code" name="spring" channel=none gate=none counter=none line=6
variable name="code_given.code" kind=10 size=16
state kind=3 granted=@yes declined=@no ask=0
yes:   CAPTURE j8, e4
       FINISH "GIVEN"
no:    FINISH "NONE LEFT"
start: GIVE_CODE 5, 3
expect code 5 3
