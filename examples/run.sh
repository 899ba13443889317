#!/usr/bin/env bash
# What `make run` shows: the examples compiled and tested, then 18 months of real customers folded through a loyalty programme, what it cost
# beside what it could have cost at most, one customer explained, and where to read on. State and effects are left in build/run/.
set -eu
cd "$(dirname "$0")/.."
promo=${PROMO:-build/promo}
out=build/run
customer=${CUSTOMER:-16438}

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$(printf '\033[1m') plain=$(printf '\033[0m'); else bold='' plain=''; fi
title() { printf '\n%s%s%s\n\n' "$bold" "$*" "$plain"; }

rm -rf "$out"
mkdir -p "$out"

title "1. The examples, compiled and tested"
for example in hello c01-welcome c11-self-exclusion c11-group drip welcome-paths c03-cashback c07-gift-card c08-reactivation birthday vip churn-drip weekly-reload quiet-hours c02-ladder c04-rake-race c05-spring-codes c09-mission c10-levels referral spins-of-the-day anniversary cdnow cdnow-club; do
    if ! built=$("$promo" build "examples/$example" -o "$out/$example.pbc" 2>&1); then
        printf '%s\n' "$built"
        exit 1
    fi
    printf '   %-20s %-55s tests: ' "$example" "${built#*: }"
    if "$promo" test "examples/$example" >"$out/$example.tests" 2>&1; then
        tail -n 1 "$out/$example.tests"
    else
        cat "$out/$example.tests"
        exit 1
    fi
done

title "2. What the loyalty programme can cost at most (proven before anything runs)"
"$promo" check examples/cdnow 2>&1 | sed 's/^/   /'

title "3. The real customers of a music shop, January 1997 to June 1998"
examples/cdnow/convert.sh >"$out/events.ndjson"
printf '   %s records; state in %s, every effect in %s.\n   A purchase counts as a deposit; consents are made up by rule (examples/cdnow/ORIGIN.md).\n\n' "$(wc -l <"$out/events.ndjson")" "$out/cdnow.db" "$out/effects.ndjson"
"$promo" run --bundle "$out/cdnow.pbc" --events "$out/events.ndjson" --db "$out/cdnow.db" --effects "$out/effects.ndjson"

title "4. The proven bound beside the money spent"
examples/cdnow/spent.sh "$out/effects.ndjson"

title "5. One customer explained: $customer, at whose order the money for second orders ran out"
"$promo" explain --db "$out/cdnow.db" --player "$customer"

title "6. The same customers by what they bought, at the end of 1998: live segments over figures kept from their purchases"
"$promo" segment --db "$out/cdnow.db" | grep -E '^As of|Best customers|Regulars|Asleep'
printf '\n'
"$promo" segment --db "$out/cdnow.db" --player "$customer" "Best customers"

title "7. Was it the message? The campaign that wins customers back, arm against arm"
"$promo" experiment "Win back" --db "$out/cdnow.db" | sed 's/^/   /'
printf '\n   The customers never saw these messages: they are made up, the orders are real. So there is nothing to find.\n'

title "8. The same customers in a club: points, levels, a mission, and a race of each month"
"$promo" run --bundle "$out/cdnow-club.pbc" --events "$out/events.ndjson" --db "$out/club.db" --effects "$out/club-effects.ndjson"
printf '\n'
"$promo" board "Discs of the month" --db "$out/club.db" | sed 's/^/   /'
printf '\n   Customer %s:\n' "$customer"
"$promo" wallet --db "$out/club.db" --player "$customer" | sed 's/^/   /'

title "Where to read on"
cat <<END
   examples/cdnow/loyalty.promo   the four campaigns that just ran
   examples/cdnow-club/club.promo the club
   spec/language.md               the language, whole: write your own campaign and try it with
                                  $promo test FILE and $promo run --bundle FILE --events EVENTS
   another customer:              $promo explain --db $out/cdnow.db --player 00313
   spec/runtime.md                what the engine promises
   README.md                      a tour of the source
END
