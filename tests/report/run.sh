#!/usr/bin/env bash
# promo report: the one effect of the c11 example that left between an exclusion and the news of it is listed, nothing else.
# check: yes
set -u
cd "$(dirname "$0")/../.." || exit 2
promo=${PROMO:-build/promo}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
passed=0
failed=0
expect() { # NAME, then whether it held
  if [ "$2" = 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED $1"; fi
}

# An erasure moves the base of the log, and the report reaches to the base: it is made before the example's last line, which erases.
grep -v '"e-v12"' examples/c11-self-exclusion/events.ndjson >"$out/before"
"$promo" run --bundle examples/c11-self-exclusion --events "$out/before" --db "$out/db" >"$out/run" 2>&1
expect "the example runs" $?
"$promo" report --db "$out/db" >"$out/text" 2>"$out/err"
expect "the report is made" $?
grep -q '^1 responsible gaming event came later than it took effect; 1 effect was decided in between\.$' "$out/text"
expect "one late event, one effect" $?
grep -q '^Player v3: self_exclusion (event x-v3) holds from 2026-06-04 08:00:00 UTC, known at 2026-06-06 09:00:00 UTC$' "$out/text"
expect "the player, the event and its two times" $?
grep -q '^  2026-06-04 09:00:00 UTC  email "day-3", of "First week", id [0-9a-f]\{32\}$' "$out/text"
expect "the email of day 3" $?
[ "$(grep -c '^  ' "$out/text")" = 1 ]
expect "and nothing else" $?
"$promo" report --db "$out/db" --json | grep -q '"effects":\[{"id":"[0-9a-f]*","at":"2026-06-04 09:00:00 UTC","campaign":"First week","effect":"email \\"day-3\\""}\]'
expect "the same as JSON" $?

"$promo" run --bundle examples/c11-self-exclusion --events examples/c11-self-exclusion/events.ndjson --db "$out/db" >"$out/run" 2>&1
"$promo" report --db "$out/db" 2>"$out/err" | grep -q '^No responsible gaming event' && grep -q '^note: this reaches back to .*before it a player was erased' "$out/err"
expect "behind an erasure it says how far it reaches" $?

grep -v '"x-v3"' examples/c11-self-exclusion/events.ndjson >"$out/in-time"
"$promo" run --bundle examples/c11-self-exclusion --events "$out/in-time" --db "$out/db2" >"$out/run" 2>&1
"$promo" report --db "$out/db2" | grep -q '^No responsible gaming event came later than it took effect\.$'
expect "without the late event there is nothing to report" $?
# What responsible gaming keeps from a row of a run stands in the ledger, with the amount, and in the explanation.
"$promo" run --bundle examples/c03-cashback --events examples/c03-cashback/events.ndjson --db "$out/run.db" >"$out/text" 2>&1
[ "$("${OUT:-build}/tests/rows_tool" "$out/run.db" "SELECT kind, reason, offer, amount, currency FROM ledger WHERE reason = 'WITHHELD_RG'")" = "withheld|WITHHELD_RG|standard|20000|EUR" ]
expect "a line of the ledger for what is withheld" $?
grep -q 'WITHHELD_RG 1' "$out/text"
expect "the summary counts it" $?
"$promo" explain --db "$out/run.db" --player out | grep -q 'credit "standard" withheld, 200 EUR: responsible gaming kept the reward of a run from the player \[WITHHELD_RG\], by "Responsible gaming"'
expect "the explanation tells it" $?

# promise F10
"$promo" run --bundle examples/c11-group --events examples/c11-group/events.ndjson --db "$out/group" >"$out/run" 2>&1
"$promo" report --db "$out/group" >"$out/text" 2>"$out/err"
grep -q '^1 responsible gaming event came later than it took effect; 2 effects were decided in between\.$' "$out/text" &&
  grep -q '^Player cat77 of harbour: self_exclusion of the same person on spinhouse (event x3) holds from 2026-06-04 08:00:00 UTC, known at 2026-06-06 09:00:00 UTC$' "$out/text" &&
  [ "$(grep -c '^  2026-06-04 09:00:00 UTC  email "day-3"' "$out/text")" = 2 ]
expect "a late event covers the other brand, and its email is listed" $?
"$promo" report --db "$out/group" --json | grep -q '"player":"cat77","brand":"harbour","event":"self_exclusion","id":"x3","of_brand":"spinhouse"'
expect "the same as JSON" $?
[ "$("$promo" audit show --db "$out/group" | grep -c 'responsible_gaming  player 1 ')" = 1 ]
expect "an exclusion that is told twice and holds on two brands is one line of the audit" $?
"$promo" explain --db "$out/group" --player ann77 | grep -q 'finished as "RG_BLOCKED" (self_exclusion of the same person on brand "spinhouse")$'
expect "and the explanation says of which brand it was" $?

"$promo" report >/dev/null 2>&1
[ $? = 2 ]
expect "no database named: wrong usage" $?
"$promo" report --db "$out/none" >/dev/null 2>"$out/err"
[ $? = 2 ] && [ -s "$out/err" ]
expect "no such database: told" $?

echo "report: $passed passed, $failed failed"
[ "$failed" = 0 ]
