#!/usr/bin/env bash
# Boards, codes and wallets as people and scripts ask for them. A part of tests/cli/run.sh, which reads it in its own
# working folder and counts; alone it does nothing. Read there what `expect` and the others are.
# shellcheck shell=bash

# ---------------------------------------------------------------- boards

cat >race.promo <<'END'
workspace "Race"
  product   casino
  currency  EUR
  timezone  "UTC"
  channel   inbox
  use       events, attributes, actions
end

tournament "Race"
  product   casino
  currency  EUR
  timezone  "UTC"
  runs      every day from 10:00 until 22:00
  settles   at 23:00
  start on session
  earn 1 per session
  earn 1 per 1 EUR of deposit.amount
  order by entry.score from largest, then player.id from smallest

  prizes cash
    place 1       10 EUR
    place 2 to 3  5 EUR
  end

  budget
    per run  20 EUR
  end

  board
    show   top 2
    names  masked
    age    up to 5 seconds
  end
end
END
cat >race.ndjson <<'END'
{"id":"e1","event":"session.started","player":"anna","at":"2026-06-01T10:00:00Z","data":{}}
{"id":"e2","event":"session.started","player":"bela","at":"2026-06-01T10:01:00Z","data":{}}
{"id":"e3","event":"session.started","player":"carl","at":"2026-06-01T10:02:00Z","data":{}}
{"id":"d1","event":"deposit","player":"bela","at":"2026-06-01T10:03:00Z","data":{"amount":"7.50 EUR","first":false,"method":"card"}}
END
expect "what a tournament can cost" 0 check race.promo
out_has '"Race" can spend at most 10 EUR an instance on a player, 20 EUR an instance in all'
expect "a run with a tournament" 0 run --bundle race.promo --events race.ndjson --db race.db --effects race.out
expect "a live board" 0 board Race --db race.db --player carl
out_has '"Race" from 2026-06-01T10:00:00.000Z until 2026-06-01T22:00:00.000Z, to be settled at 2026-06-01T23:00:00.000Z: running'
out_has '3 players, 3 with a point'
out_has '      1  be***  8 points, 10 EUR, last 2026-06-01T10:03:00.000Z'
out_has '      2  an***  1 point, 5 EUR, last 2026-06-01T10:00:00.000Z'
out_lacks 'ca***'
out_has '      3  carl  1 point, 5 EUR, last 2026-06-01T10:02:00.000Z'
echo '{"kind":"tick","at":"2026-06-01T23:00:01Z"}' >race2.ndjson
expect "the settlement" 0 run --events race2.ndjson --db race.db --effects race2.out
grep -q '"player":"bela","event":"tournament.placed","of":"Race"' race2.out && pass || fail "a place is told"
expect "a result" 0 board Race --db race.db --json --player anna
out_json
out_has '"state":"settled"'
out_has '"own":{"place":2,"player":"anna","score":1,'
expect "a board of another day" 0 board Race --db race.db --started 2026-06-02T10:00:00Z
out_has '"Race": no instance yet'
expect "no such tournament" 1 board Rice --db race.db
err_has "there is no tournament \`Rice\`"
expect "which board" 2 board --db race.db

# ---------------------------------------------------------------- codes

cat >codes.promo <<'END'
workspace "Codes"
  product   casino
  currency  EUR
  use events, attributes
end
codes "made"
  make  1,000 like "M-????????" from "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
  read  ignoring case, dashes
end
codes "partners"
  upload  up to 2
  valid   through 2026-12-31
end
campaign "Guests"
  product   casino
  currency  EUR
  start on code_redeemed of "partners"
  step "In"
    finish as "IN"
  end
end
END
expect "how hard codes are to guess" 0 check codes.promo
out_has 'codes "made": 1,000 codes of 1,099,511,627,776 texts, 30.0 bits each'
head -c 32 /dev/zero >codes.key
expect "codes without a key" 0 codes made --bundle codes.promo --count 2
err_has "without --identity-key the codes follow from the workspace's name"
cp "$work/stdout" codes.csv
expect "codes by a key" 0 codes made --bundle codes.promo --count 2 --identity-key codes.key
err_is_empty
name="codes are those of the key"
if [ "$(wc -l <"$work/stdout")" = 3 ] && ! cmp -s "$work/stdout" codes.csv; then pass; else fail "they are the same, or not two"; fi
second=$(sed -n '3s/2,//p' "$work/stdout")
expect "one code from its number" 0 codes made --bundle codes.promo --from 2 --count 1 --identity-key codes.key
out_has "2,$second"
expect "a code as it is typed" 0 codes made --bundle codes.promo --identity-key codes.key --check " $(printf '%s' "$second" | tr A-Z a-z | tr -d -) "
out_has "$second is number 2 of 1000"
expect "a code that is none" 1 codes made --bundle codes.promo --identity-key codes.key --check M-AAAAAAAA
out_has "is no code of this pool"
expect "codes by number beyond the last" 1 codes made --bundle codes.promo --from 1001
err_has "there is no number 1001"
expect "unknown codes" 1 codes mad --bundle codes.promo
err_has 'there is `made`'
expect "uploaded codes are not made" 1 codes partners --bundle codes.promo
err_has "uploaded, not made"
expect "codes of nothing" 2 codes made
err_has "name the bundle"
cat >codes.ndjson <<'END'
{"codes":"partners","code":"LION-1","at":"2026-06-01T10:00:00Z"}
{"codes":"partners","code":"LION-2","at":"2026-06-01T10:00:00Z"}
{"codes":"partners","code":"LION-1","at":"2026-06-01T10:00:00Z"}
{"codes":"partners","code":"LION-3","at":"2026-06-01T10:00:00Z"}
{"event":"code.entered","id":"1","player":"p1","at":"2026-06-02T10:00:00Z","data":{"code":"LION-2"}}
END
expect "codes that are uploaded" 0 run --bundle codes.promo --events codes.ndjson --db codes.db --effects codes.out --notes codes.notes
err_has "warning: the program makes codes"
out_has "not applied: DUPLICATE 1, POOL_EMPTY 1"
expect "what became of codes" 0 codes partners --used --db codes.db
out_has "LION-1,0,no,0"
out_has "LION-2,1,no,0"
name="tables of codes"
rows_are codes.db "SELECT * FROM codes" $'made||0|1000\npartners||1|1'
rows_are codes.db "SELECT pool, code, redeemed FROM used_codes" "partners|LI***|1"
echo '{"codes":"made","code":"X","at":"2026-06-03T10:00:00Z"}' >codes.ndjson
expect "codes that are made take none" 1 run --bundle codes.promo --events codes.ndjson
err_has 'the codes `made` are not uploaded'
# ---------------------------------------------------------------- wallets

cat >card.promo <<'END'
campaign "Card"
  product   casino
  currency  EUR
  timezone  "UTC"

  budget
    total  1,000 EUR
  end

  start on review_left

  offer gift_card "review card"
    amount          25 EUR
    smallest_order  10 EUR
    use             in parts
    expires         365 days after grant
  end

  step "One"
    credit "review card", otherwise finish as "NO"
    finish as "DONE"
  end
end
END
cat >card.ndjson <<'END'
{"kind":"attributes","id":"a1","player":"p1","at":"2026-06-01T09:00:00Z","set":{"age_verified":true}}
{"id":"e1","event":"review.left","player":"p1","at":"2026-06-01T10:00:00Z","data":{"review_id":"r1","product_id":"x","length":80,"bought":true}}
{"id":"o1","event":"checkout","player":"p1","at":"2026-06-02T10:00:00Z","data":{"amount":"10.00 EUR","card":"review card"}}
END
expect "terms of a gift card" 0 terms card.promo
out_has "It is for orders of €10 or more."
out_has "It pays for orders in parts, until nothing is left of it."
expect "terms of a gift card in German" 0 terms --locale de card.promo
out_has "Es gilt für Bestellungen ab 10"
expect "a run with a gift card" 0 run --bundle card.promo --events card.ndjson --db card.db --effects card.out
grep -q '"to":"o1","event":"checkout","result":"OK","data":{"order_id":"o1","coupon_off":"0.00 EUR","from_card":"10.00 EUR","paid":"0.00 EUR"}' card.out && pass || fail "a checkout is answered"
expect "a wallet" 0 wallet --db card.db --player p1
out_has 'gift_card "review card"  part_used, 25 EUR, left 15 EUR, until 2027-06-01T10:00:00.000Z'
out_has "    code $(sed -n 's/.*"code":"\([A-Z2-9-]*\)".*/\1/p' card.out | head -n 1)"
out_has "    for orders from 10 EUR"
out_has "    expires: 365 days after grant"
name="a table of rewards"
rows_are card.db "SELECT number, offer, action, state, amount, balance, until FROM rewards JOIN players USING (number)" \
    "1|review card|gift_card|part_used|2500|1500|2027-06-01T10:00:00.000Z"
expect "a wallet as JSON" 0 wallet --db card.db --player p1 --json
out_json
cat >played.promo <<'END'
campaign "Played"
  product   casino
  currency  EUR
  timezone  "UTC"

  budget
    total  1,000 EUR
  end

  start on deposit

  offer bonus "match"
    amount     100% of deposit.amount, at most 50 EUR
    wagering   10x of bonus
    expires    10 days after activation
    revoke on  deposit_reversed
  end

  offer free_spins "spins"
    spins    1,200
    value    0.20 EUR
    game     "G-1"
    expires  10 days after grant
  end

  step "One"
    credit "match", otherwise finish as "NO"
    credit "spins", otherwise finish as "NO"
    finish as "DONE"
  end
end
END
cat >played.ndjson <<'END'
{"kind":"attributes","id":"a1","player":"p1","at":"2026-06-01T09:00:00Z","set":{"age_verified":true}}
{"id":"e1","event":"deposit","player":"p1","at":"2026-06-01T10:00:00Z","data":{"amount":"20.00 EUR","first":true,"method":"card"}}
{"id":"b1","event":"bet","player":"p1","at":"2026-06-01T11:00:00Z","data":{"settled_at":"2026-06-01T11:00:00Z","game":"G-1","kind":"slots","funds":"real","stake":"5.00 EUR","win":"0.00 EUR","multiplier":"0"}}
END
expect "a run with a bonus and spins" 0 run --bundle played.promo --events played.ndjson --db played.db --effects played.out
expect "a bonus in the wallet says what is left to wager" 0 wallet --db played.db --player p1
out_has 'bonus "match"  active, 20 EUR, 195 EUR of 200 EUR left to wager, until 2026-06-11T10:00:00.000Z'
out_has "    revoke on: deposit_reversed"
out_has 'free_spins "spins"  active, until 2026-06-11T10:00:00.000Z'
out_has "    spins: 1,200"
out_has "    value: 0.20 EUR"
out_has "    game: G-1"
expect "the same as JSON, with a bonus" 0 wallet --db played.db --player p1 --json
out_json
out_has '"amount":"20.00 EUR","to_wager":"195.00 EUR","target":"200.00 EUR"'
out_has '"terms":{"spins":"1,200","value":"0.20 EUR","game":"G-1",'
expect "terms of what is played" 0 terms played.promo
out_has "It must be wagered 10 times before it can be withdrawn."
out_has "It is taken back if the deposit that brought it is reversed."
sed 's/10x of bonus/1x of bonus/' played.promo >once.promo
expect "terms of what is wagered once" 0 terms once.promo
out_has "It must be wagered once before it can be withdrawn."
expect "the wallet of nobody" 1 wallet --db card.db --player p2
err_has "no player \`p2\`"
expect "whose wallet" 2 wallet --db card.db

cat >mission.promo <<'END'
badge "Explorer"
end

mission "Tour"
  product   casino
  currency  EUR
  start on  session
  enter every time
  lasts     7 days
  task "deposits"  needs 3 deposit
end

campaign "Award"
  product   casino
  currency  EUR
  start on  registration
  step "S"
    award badge "Explorer"
    finish as "DONE"
  end
end
END
cat >mission.ndjson <<'END'
{"id":"e1","event":"registered","player":"p1","at":"2026-06-01T09:00:00Z","data":{}}
{"id":"e2","event":"session.started","player":"p1","at":"2026-06-01T10:00:00Z","data":{}}
{"id":"e3","event":"deposit","player":"p1","at":"2026-06-01T11:00:00Z","data":{"amount":"10.00 EUR","first":true,"method":"card"}}
END
expect "a run with a mission" 0 run --bundle mission.promo --events mission.ndjson --db mission.db --effects mission.out
expect "a mission and a badge in the wallet" 0 wallet --db mission.db --player p1
out_has 'mission "Tour"  running, 33%, until 2026-06-08T10:00:00.000Z'
out_has '    deposits: 1 of 3'
out_has 'badge "Explorer"  awarded'
name="tables of missions and badges"
rows_are mission.db "SELECT mission, state, percent, completed, badge FROM missions JOIN badges USING (number)" "Tour|running|33|0|Explorer"
expect "the same as JSON" 0 wallet --db mission.db --player p1 --json
out_has '{"kind":"mission","name":"Tour","state":"running","percent":33,'
out_json
expect "why the mission waits" 0 explain --db mission.db --player p1 --campaign "Tour"
out_has '33%'

cat >stars.promo <<'END'
points "stars"
  earn     5 per session
  expires  30 days after grant
end

levels "Club"
  product  casino
  sets     level
  counts   "stars" earned over this month
  level silver  from 5
  level gold    from 1,000
end
END
sed -n '2p' mission.ndjson >stars.ndjson
expect "a run with points" 0 run --bundle stars.promo --events stars.ndjson --db stars.db --effects stars.out
expect "points and a level in the wallet" 0 wallet --db stars.db --player p1
out_has 'points "stars"  kept, until 2026-07-01T00:00:00.000Z'
out_has '    balance: 5'
out_has 'level "Club"  silver'
out_has '    next: gold from 1,000'
name="tables of points and levels"
rows_are stars.db "SELECT points.name, balance, expires_at, level, counted, next_from FROM points JOIN levels USING (number)" \
    "stars|5|2026-07-01T00:00:00.000Z|silver|5|1000"
expect "points as JSON" 0 wallet --db stars.db --player p1 --json
out_has '{"kind":"points","name":"stars","state":"kept","points":5,'
out_json
