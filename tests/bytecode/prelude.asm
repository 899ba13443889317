# What every file of this folder begins with: a small workspace, one campaign, and `end`. A file adds code from `start:` on.

workspace lateness_ms=604800000 retention_ms=34560000000 name="tests" zone="UTC" player_slot_count=11 event_slot_count=11 edition=1
currency code="GBP" decimals=2
currency code="EUR" decimals=2
product name="casino"
channel name="email"
tag name="vip"
wording name="red"
wording name="green"
wording name="blue"
enumeration wording_count=3 ranked=1

# deposit: e4 amount, e5 its currency, e6 method, e7 note (optional text), e8 bonus (optional), e9 colours, e10 country
field name="amount" kind=4 of=none high=10000000 slot=4
field name="method" kind=11 slot=6
field name="note" kind=10 size=16 slot=7 optional=1
field name="bonus" kind=1 high=100 slot=8 optional=1
field name="colours" kind=14 slot=9
field name="country" kind=12 slot=10
event name="deposit" wire="deposit" field_count=6 slot_count=11
field name="device" kind=1 high=9 slot=4
event name="session" wire="session" field_first=6 field_count=1 slot_count=5

# p2 level (optional), p3 country, p4 name, p5 nick (optional), p6 balance, p7 colours, p8 colour, p9 seen, p10 birth
attribute name="level" kind=1 high=10 slot=2 optional=1
attribute name="country" kind=12 slot=3
attribute name="name" kind=10 size=32 slot=4
attribute name="nick" kind=10 size=16 slot=5 optional=1
attribute name="balance" kind=4 low=-1000000000 high=1000000000 slot=6
attribute name="colours" kind=14 slot=7
attribute name="colour" kind=11 slot=8
attribute name="seen" kind=7 slot=9
attribute name="birth" kind=8 slot=10

action name="bonus" class=1
action name="notify" class=2
body channel=0 locale="en" text="Hello"
message name="welcome" about=0 body_count=1 content="00000000000000000000000000000000"
offer name="welcome" action=0 amount_parameter=none

# j0 counter, j1 number 0 to 1,000, j2 text, j3 money, j4 colour, j5 colours, j6 moment, j7 small number
variable name="" kind=1 high=10 counter=1
variable name="points" kind=1 high=1000
variable name="word" kind=10 size=16
variable name="kept" kind=4 high=10000000
variable name="colour" kind=11
variable name="colours" kind=14
variable name="due" kind=7 low=-72057594037927936 high=72057594037927936
variable name="small" kind=1 high=50

step name="Hello" line=1
gate class=0 channel=0 product=0
gate class=1
gate class=2
value name="amount" kind=4
value name="cost" kind=4
value name="text" kind=10
effect kind=0 action="email" name="welcome" object=0 channel=0 gate=0 counter=none value_first=0 value_count=1 line=1
effect kind=1 action="credit" name="welcome" object=0 channel=none gate=1 counter=none value_first=1 value_count=1 line=2
effect kind=2 action="notify" name="" object=1 channel=none gate=2 counter=none value_first=2 value_count=1 line=3
effect kind=3 action="tag" name="vip" object=0 channel=none gate=none counter=none line=4
effect kind=4 action="untag" name="vip" object=0 channel=none gate=none counter=none line=5
arm name="A" upto=500000
arm name="B" upto=1000000
split name="half" arm_count=2

# state 0 waits for a deposit, state 1 for the answer to a credit; state 2 knows j1
wait_case event=0 target=@end
state duration=1000 kind=0 deadline=1 timeout=@end case_count=1
state kind=1 granted=@end declined=@end
state duration=1000 kind=0 known=2 deadline=1 timeout=@end
campaign name="Tests" runs_from=min runs_through=max zone="UTC" start_event=0 start_filter=none start=@start enter_count=1 enter_limit=none step_count=* state_count=* variable_count=* effect_count=* gate_count=* split_count=* text_size=16 region=1

# Three words of a set of 192 bits: bits 1, 82 (DE) and 130.
word 0x2
word 0x40000
word 0x4
word 0
word 0
word 0
word 0
word 0
word 0
word 0
word 0

# m0 paid (money, always a number), m1 average (money, may have none), m2 game (text, may have none), m3 way (text, "none"
# where it has none), m4 device (one of the three colours), m5 here (of the journeys of campaign 0), m6 last (a moment),
# m7 twice (a formula)
metric high=1000000000 name="paid" aggregate=5 kind=4 of=1 zone="UTC" event=0 code=@paid
metric high=10000000 name="average" aggregate=6 kind=4 of=1 optional=1 zone="UTC" event=0 code=@mean
metric name="note" aggregate=10 kind=10 size=16 optional=1 zone="UTC" event=0 code=@note
metric name="way" aggregate=9 kind=10 size=4096 preset_text="none" zone="UTC" event=0 code=@way
metric high=2 preset=1 name="colour" aggregate=10 kind=11 zone="UTC" event=0 code=@colour
metric high=1000 name="here" aggregate=1 span=5 kind=1 zone="UTC" event=1 code=@one campaign=0
metric low=-1000000000000000 high=1000000000000000 name="last" aggregate=12 kind=7 optional=1 zone="UTC" event=0 code=@last
metric high=2000000000 name="twice" kind=4 of=1 zone="UTC" code=@twice

region campaign=none site_count=2 register_count=2
paid:   LOAD_EVENT r0, e4
        YIELD r0
mean:   LOAD_EVENT r0, e4
        YIELD r0
way:    LOAD_TEXT r0, "card"
        YIELD_TEXT r0
last:   LOAD_CONST r0, 0
        YIELD r0
note:   IF_KNOWN_EVENT e7, s1, absent
        LOAD_EVENT_TEXT r0, e7
        YIELD_TEXT r0
absent: REJECT
colour: LOAD_EVENT r0, e6
        YIELD r0
one:    LOAD_CONST r0, 0
        YIELD r0
twice:  LOAD_METRIC r0, m0
        MUL_CONST r0, r0, 2
        YIELD r0
earned: LOAD_EVENT r0, e4
        YIELD r0
back:   IF_LT_EVENT e4, s1, one_back, 5
        REJECT
one_back: LOAD_CONST r0, 1
        YIELD r0
vip:    IF_KNOWN_PLAYER p2, s1, no_vip
        ACCEPT
no_vip: REJECT
region campaign=0 site_count=4 register_count=8
end: FINISH "end"
