# A campaign of the usual shape, behind tests/bytecode/prelude.asm: filters, waits with cases, a split, a counted way back,
# credits that exclude each other, messages, a leave line. It is what the mutation test and the fuzz target begin with.

wait_case event=0 filter=@big target=@reward
wait_case event=1 target=@again
state duration=259200000 kind=0 known=2 deadline=1 timeout=@second case_first=1 case_count=2 line=10
state kind=1 known=2 granted=@thanks declined=@sorry line=12
wait_case event=0 filter=@big target=@late
state duration=604800000 kind=0 known=18 deadline=3 clock_ms=32400000 weekday=1 place=1 timeout=@expired case_first=3 case_count=1 line=20
state kind=1 known=18 granted=@thanks declined=@sorry line=22
leave event=1 filter=@device target=@gone line=30

# A query of the host, an approval, and an event for another player.
field name="odds" kind=3 high=1000000 slot=4
event name="odds" wire="query odds" field_first=7 field_count=1 slot_count=5
query name="odds" event=2
ask asked="churn-model" effect=5 query=0
ask asked="crm-leads" effect=6 query=none people=2
value name="player" kind=10
value name="device" kind=1
effect kind=5 action="odds" name="churn-model" channel=none gate=none counter=none line=31
effect kind=5 action="approval" name="crm-leads" channel=none gate=none counter=none line=32
effect kind=6 action="tell" name="session" object=1 channel=none gate=none counter=none value_first=3 value_count=2 line=33
variable name="odds" kind=3 high=1000000
state duration=5000 kind=2 known=18 deadline=1 timeout=@paused granted=@odds ask=0 line=31
state duration=86400000 kind=2 known=18 deadline=1 timeout=@paused granted=@told declined=@expired ask=1 line=32

# An offer that says how it is played, and what takes it away.
weight share=1000000 what=0 word="slots" event=none filter=none
weight what=2 word="G-101" event=none filter=none
weight what=4 word=none event=1 filter=@device
weight what=5 word=none event=0 filter=none
offer name="played" campaign=0 action=0 amount_parameter=none wagering=30000000 wagering_of=1 stake_most=500 claim=3600000 claim_kind=1 queued=1 grants_most=1 weight_first=0 weight_count=4

rule kind=6 class=none country=none from_ms=32400000 to_ms=75600000 name="quiet hours"
rule kind=7 class=none country=none object="g" name="group"
rule kind=8 campaign=0 class=none country=none object="g" name="member"
rule kind=9 class=none country=none amount=50000 object="h" name="hold out"
rule kind=10 class=none country=500 from_day=20000 through_day=max amount=10000000 name="rules"
rule kind=12 class=none country=500 from_day=20000 through_day=30000 count=1 name="rules"
rule kind=17 class=none country=500 from_day=20000 through_day=max name="rules"
breach rule=6 effect=1 words="it depends on points" line=9
effect kind=10 action="award" name="explorer" object=0 channel=none gate=none counter=none line=34
badge name="explorer" note="Five games" image=none line=60
badge name="collector" note=none image="c.png" line=61
task need=20 name="five games" metric=5 in_parts=1 line=50
task need=1000 name="many" metric=5 line=51
mission campaign=0 task_count=2 most=4 period=3 line=49
value name="points" kind=1
effect kind=9 action="spend" name="stars" object=0 channel=none gate=none counter=none value_first=5 value_count=1 line=35
points expires=180 name="stars" note=none owner="crm" product=0 currency=0 zone="Europe/Malta" expires_kind=1 earn_first=0 earn_count=2 line=70
points name="drops" note=none owner=none product=none currency=1 zone="UTC" rest_dropped=1 earn_first=2 earn_count=0 line=71
earn num=1 den=1000 event=0 code=@earned line=72
earn num=5 den=2 event=1 code=@back line=73
levels window=7776000000 keep=500000 name="Club" points=0 attribute=6 span=1 rolling_kind=1 grain=3 down=1 down_grain=5 zone="UTC" level_first=0 level_count=2 line=74
level from=100 word=1 line=75
level from=1000 word=2 line=76
# A pool of codes; a journey is given one, and gives it back.
field name="code" kind=10 size=16 slot=4
event name="code_given" wire="code.given" field_first=8 field_count=1 about=3 slot_count=5 made_by_engine=1
pool codes=1000 valid_from=min valid_through=max given_for=86400000 hold_ms=900000 lock_ms=3600000 lock_within_ms=600000 name="spring" note=none owner=none zone="Europe/Berlin" kind=0 pattern="S-????????" alphabet="ABCDEFGH" ignore_case=1 ignore_dashes=1 given_kind=1 code_count=1 player_count=2 player_period=2 total_count=900 quota_first=0 quota_count=2 filter=none lock_tries=3 answer="No." given=3 line=80
pool codes=10 valid_from=20000 valid_through=20030 hold_ms=1000 name="partners" note="n" owner="crm" zone="UTC" kind=1 pattern=none alphabet=none code_count=0 filter=none answer=none given=none line=81
quota amount=100 name="VIP" filter=@vip line=82
quota amount=700 name="ELSE" filter=none line=83
effect kind=7 action="give code" name="spring" object=0 channel=none gate=none counter=none line=84
effect kind=8 action="release code" name="spring" object=0 channel=none gate=none counter=none line=85
state kind=3 granted=@given declined=@back_on ask=0 line=84
state kind=1 granted=@back_on declined=@back_on line=85
parameter name="amount" kind=4 of=0 high=100000
link name="play" address="https://example.com/play?d={player.id}"
term number=2500 campaign=0 offer=0 kind=1 type=4 of=0 text="amount"
term number=30000000 other=1 campaign=0 offer=0 kind=9 type=1
term number=20000 campaign=0 offer=0 kind=21 type=8

reward:   CAPTURE j3, e4
          CAPTURE j2, e7
          LOAD_EVENT r1, e4
          MIN_CONST r1, r1, 5000
          CREDIT 1, r1, 4
again:    COUNT j0, s3, second, 3
          LOAD_PLAYER_OR r0, p2, 0
          MUL_CONST r0, r0, 10
          STORE j1, r0
          WAIT 3
second:   SPLIT r0, 0
          STORE j4, r0
          IF_EQ_CONST r0, s4, armb, 0
          LOAD_CONST r1, 2500
          SEND 0, r1, paused
          WAIT 5
armb:     TAG 3
          AWARD 8
          ASK 5, 7
odds:     CAPTURE j8, e4
          ASK 6, 8
told:     LOAD_PLAYER_TEXT r0, p4
          LOAD_CONST r1, 9
          TELL 7, r0, paused
paused:   WAIT 5
late:     LOAD_JOURNEY r0, j4
          LOAD_EVENT r1, e4
          IF_EQ r0, s5, half, r0
          SCALE r1, r1, 0, 1/2
half:     MIN_CONST r1, r1, 2500
          CREDIT 1, r1, 6
expired:  TAG 3
          GIVE_CODE 10, 9
given:    LOAD_EVENT_TEXT r1, e4
          IF_TEXT_HAS r1, s6, back_on, "S"
          RELEASE_CODE 11, 10
back_on:  FINISH "EXPIRED"
thanks:   LOAD_JOURNEY_TEXT_OR r2, j2, "no note"
          IF_TEXT_HAS r2, s6, plain, "hello"
          DO 2, r2, plain
plain:    LOAD_JOURNEY_OR r1, j3, 100
          SEND 0, r1, sorry
          LOAD_NOW r3
          ADD_CALENDAR r3, r3, player, 1m2d3000
          STORE j6, r3
          FINISH "CONVERTED"
sorry:    LOAD_METRIC r3, m5
          MIN_CONST r3, r3, 50
          STORE j7, r3
          REFUSE 1, 6
          FINISH "BUDGET"
gone:     UNTAG 4
          FINISH "LEFT"
big:      IF_EQ_EVENT e5, s1, small, 0
          IF_GE_EVENT e4, s2, small, 1000
          IF_BITS_EVENT e10, s7, small, w0
          ACCEPT
small:    REJECT
device:   IF_IN_EVENT e4, s8, other, 0x5
          LOAD_PLAYER_TEXT_OR r1, p5, "nobody"
          LOAD_PLAYER_TEXT r2, p4
          IF_TEXT_SAME r1, s9, yes, r2
yes:      ACCEPT
other:    REJECT
check:    LOAD_METRIC r4, m4
          IF_IN_CONST r4, s2, some, 0x6
          LOAD_METRIC_TEXT_OR r1, m2, "nothing"
          LOAD_METRIC_TEXT r2, m3
          IF_TEXT_SAME r1, s3, known, r2
known:    IF_KNOWN_METRIC m6, s4, some
          LOAD_METRIC r4, m6
          MIN_CONST r4, r4, 4102444800000
          MAX_CONST r4, r4, 0
          IF_BEYOND_CALENDAR r4, s5, older, 1m2d3000
older:    IF_WITHIN_CONST r4, s6, dates, 86400000
dates:    LOAD_PLAYER r4, p10
          IF_WITHIN_DATES r4, s7, some, 0m30d5
          IF_KNOWN_EVENT e8, s10, some
          IF_IN_EVENT e6, s11, some, 0x6
          LOAD_PLAYER r4, p10
          YEARS_SINCE r4, r4, campaign
          IF_GE_CONST r4, s12, some, 18
          ACCEPT
some:     IF_ANY_PLAYER p7, s13, no, 0x2
          LOAD_PLAYER r4, p9
          DATE_OF r5, r4, player
          TIME_OF r6, r4, player
          IF_LT r5, s14, no, r6
          ACCEPT
no:       REJECT
start:    STEP 0
          LOAD_CONST r0, 7
          STORE j1, r0
          LOAD_CONST r1, 1
          SEND 0, r1, quiet
quiet:    LOAD_CONST r2, 40
          SPEND 9, r2, poor
poor:     ARM r0, 0
          WAIT 3
