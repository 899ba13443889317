#!/usr/bin/env bash
# promo experiment and promo liability from a database: the arms of the c08 example with what its players did, the shares held out over two
# campaigns, and what the ladder example has promised, by offer and by day.
#
# check: yes
set -u
cd "$(dirname "$0")/../.." || exit 2
promo=${PROMO:-build/promo}
out=build/tests/experiment
passed=0
failed=0
rm -rf "$out"
mkdir -p "$out"

expect() {
    if [ "$2" -eq 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED $1"; fi
}
has() {
    grep -qF -- "$2" "$out/text"
    expect "$1" $?
    grep -qF -- "$2" "$out/text" || sed 's/^/    /' "$out/text" | head -30
}

"$promo" run --bundle examples/c08-reactivation --events examples/c08-reactivation/events.ndjson --db "$out/db" >/dev/null
expect "the example runs" $?
"$promo" experiment Reactivation --db "$out/db" >"$out/text"
expect "the experiment is shown" $?
has "entries of the campaign" 'Campaign "Reactivation": 40 entries'
has "the arms and their shares" 'players  holdout 6 (15.00% for 10.00%), A 15 (37.50% for 45.00%), B 19 (47.50% for 45.00%)'
has "sizes that fit" 'as their shares say'
has "a goal by arm" 'holdout 2 of 6 (33.33%), A 4 of 15 (26.67%), B 4 of 19 (21.05%)'
has "activation of a bonus" 'holdout 0 of 6 (0.00%), A 15 of 15 (100.00%), B 19 of 19 (100.00%)'
has "too few to say" 'Not enough yet: too few players of A and holdout to compare them.'
"$promo" experiment Reactivation --db "$out/db" --split c08-2026q3 --json >"$out/text"
expect "as JSON" $?
has "the JSON has the control" '"split":"c08-2026q3","control":"holdout"'
has "the JSON has the verdict" '"verdict":"too_few"'
"$promo" experiment Reaktivierung --db "$out/db" >"$out/text" 2>&1
[ $? -eq 2 ]
expect "another campaign is wrong usage" $?
has "and what there is" 'there is `Reactivation` with `c08-2026q3`'

cat >"$out/house.promo" <<'PROMO'
policy "House"
  hold out 20% by "everyone"
end

message "hello"
  class  marketing
  about  casino
  inbox "en" "Hello"
end

campaign "First"
  product   casino
  currency  EUR
  start on registration
  goal "login" within 2 days on session
  step "One"
    send inbox "hello"
    finish as "DONE"
  end
end

campaign "Second"
  product   casino
  currency  EUR
  start on session
  goal "deposit" within 2 days on deposit
  step "One"
    send inbox "hello"
    finish as "DONE"
  end
end
PROMO
for i in $(seq 1 300); do
    printf '{"kind":"attributes","id":"a%s","player":"p%s","at":"2026-06-01T09:00:00Z","set":{"age_verified":true}}\n' "$i" "$i"
done >"$out/events"
for i in $(seq 1 300); do printf '{"id":"r%s","event":"registered","player":"p%s","at":"2026-06-01T10:00:00Z","data":{}}\n' "$i" "$i"; done >>"$out/events"
for i in $(seq 1 2 300); do printf '{"id":"s%s","event":"session","player":"p%s","at":"2026-06-01T11:00:00Z","data":{"device":"mobile"}}\n' "$i" "$i"; done >>"$out/events"
"$promo" run --bundle "$out/house.promo" --events "$out/events" --db "$out/house.db" >/dev/null
expect "the house runs" $?
"$promo" experiment --holdout everyone --db "$out/house.db" >"$out/text"
expect "the share held out is shown" $?
has "over all campaigns" 'Hold out "everyone", all campaigns, against "held out"'
has "in the first" 'Hold out "everyone" of the campaign "First", against "held out"'
has "in the second" 'Hold out "everyone" of the campaign "Second", against "held out"'
[ "$(grep -c 'as their shares say' "$out/text")" -eq 3 ]
expect "all sizes fit" $?
sides=$(sed -n 's/^ *\(held out\|let in\) \([0-9]*\) of \([0-9]*\) .*, \(held out\|let in\) \([0-9]*\) of \([0-9]*\) .*/\2 \3 \5 \6/p' "$out/text" | head -n 1)
# shellcheck disable=SC2086
set -- $sides
[ $(($1 + $3)) -eq 150 ] && [ $(($2 + $4)) -eq 300 ]
expect "every second of 300 players has logged in, on whichever side" $?

"$promo" run --bundle examples/c02-ladder --events examples/c02-ladder/events.ndjson --db "$out/ladder.db" >/dev/null
expect "the ladder runs" $?
"$promo" liability --db "$out/ladder.db" >"$out/text"
expect "what is promised is shown" $?
has "as the books have it" 'as in its books'
"$promo" liability --db "$out/ladder.db" --by day --csv >"$out/text"
expect "by day, for a spreadsheet" $?
has "the fields are named" 'campaign,offer,expires,reserved_count,reserved,open_count,open,currency'
"$promo" liability --db "$out/ladder.db" --by week >/dev/null 2>&1
[ $? -eq 2 ]
expect "by week is wrong usage" $?

echo "experiment: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
