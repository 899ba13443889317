#!/usr/bin/env bash
# Retention; a part of tests/privacy/run.sh, which has $promo, is, fail, rows, $campaign and $tools. Promise P5 of spec/runtime.md.
mkdir retain && cd retain || exit 2

sed 's/^\(  timezone .*\)$/\1\n  retention 100 days/; s/100 EUR/3,000 EUR/' "$campaign" >kept.promo
stream() { # FROM UNTIL: an event a day
    local i
    for i in $(seq "$1" "$2"); do
        echo "{\"id\":\"r$i\",\"event\":\"registered\",\"player\":\"p$((i % 40))\",\"at\":\"$(date -u -d "2025-01-01 +$i days" +%F)T10:00:00Z\",\"data\":{}}"
    done
}
stream 1 200 >first
stream 201 400 >second
stream 401 450 >third
told() { # FILE: what the tables for people tell
    rows "$1" "SELECT * FROM ledger"
    rows "$1" "SELECT * FROM messages"
    rows "$1" "SELECT * FROM journeys"
    rows "$1" "SELECT * FROM budgets"
    rows "$1" "SELECT * FROM figures"
}

# The same runs, with and without a pass between them. promise P5
for file in plain pruned; do
    "$promo" run --bundle kept.promo --db $file.db --events first --effects $file.effects --batch 10 --outbox >out 2>err
    is "retain: a run of $file" $? 0
    "$promo" run --db $file.db --events second --effects $file.effects --batch 10 >out 2>err
done
"$promo" doctor --db pruned.db >out 2>err
[ $? = 0 ] || fail "retain: the doctor of an old log"
is "retain: forgotten, and told" "$(grep -c 'holds records of 391 days ago, .* is 100 days' out)" 1
is "retain: what to type" "$(grep -c "promo retain --db pruned.db" out)" 1
"$promo" retain --db pruned.db >out 2>err
is "retain: exit" $? 0
is "retain: words" "$(head -1 out)" "302 records of the log removed; it begins with record 303"
is "retain: gone" "$(rows pruned.db "SELECT min(first), sum(count) FROM log")" "303|101"
"$promo" retain --db pruned.db >out 2>err
is "retain: again" "$(head -1 out)" "0 records of the log removed; it begins with record 303"
"$promo" doctor --db pruned.db >out 2>err
is "retain: the doctor" "$? $(tail -1 out)" '0 nothing is wrong with `pruned.db`'
is "retain: not forgotten" "$(grep -c 'promo retain' out)" 0
"$promo" explain --db pruned.db --player p7 >out 2>err
is "retain: how far" "$(grep -c 'this reaches back to 2025-10-28T10:00:00.000Z (record 303 of the log)' err)" 1
is "retain: a journey that the base holds" "$(grep -c 'journey 10' out)" 1
for file in plain pruned; do "$promo" run --db $file.db --events third --effects $file.effects >out 2>err; done
is "retain: the same effects" "$(cmp plain.effects pruned.effects && echo same)" same
told plain.db >one
told pruned.db >two
is "retain: the same tables" "$(cmp one two && echo same)" same
cp pruned.db folded.db
cp pruned.db-keys folded.db-keys
"$promo" run --db folded.db --refold --events /dev/null >out 2>err
is "retain: folded from the base" "$? $(told folded.db | cmp - one && echo same)" "0 same"
stream 451 460 >fourth
for file in plain folded; do "$promo" run --db $file.db --events fourth --effects $file.more >out 2>err; done
tail -n 100 plain.more | grep -c . >/dev/null
is "retain: the outbox goes on" "$(rows folded.db "SELECT count(*), max(at) FROM outbox")" "$(rows plain.db "SELECT count(*), max(at) FROM outbox")"
"$promo" retain --db pruned.db >out 2>err
is "retain: later" "$(head -1 out)" "50 records of the log removed; it begins with record 353"

# A metric that would need what is gone.
sed 's/^campaign "Welcome"/metric visits is count of registration ever\ncampaign "Welcome"/; s/^  start on registration/  start on registration\n  only for players where visits is at least 0/' kept.promo >metric.promo
"$promo" run --bundle metric.promo --db pruned.db --events fourth >out 2>err
is "retain: back-fill" "$? $(grep -c 'the log begins with record 353' err)" "2 1"
"$promo" run --bundle metric.promo --db pruned.db --events fourth --incomplete >out 2>err
is "retain: accepted" $? 0

# What else is kept, and for how long.
"$promo" retain --db plain.db --ledger 99 >out 2>err
is "retain: the ledger" "$? $(grep -c 'the ledger is kept at least as long as the log, 100 days; 99 are too few' err)" "2 1"
"$promo" retain --db plain.db --ledger 120 --by Vera >out 2>err
is "retain: set" "$? $(tail -1 out | grep -c 'kept for 120 days')" "0 1"
is "retain: told" "$("$promo" audit show --db plain.db | grep -c 'Vera  retention')" 1
"$promo" audit verify --db plain.db >out 2>err
is "retain: the audit verifies" $? 0
is "retain: the ledger went" "$(rows plain.db "SELECT min(now) > '2025-12-05' FROM ledger")" 1
"$promo" retain --db plain.db >out 2>err
is "retain: kept as set" "$(tail -1 out | grep -c 'kept for 120 days')" 1
"$promo" doctor --db plain.db >out 2>err
is "retain: the doctor again" "$? $(tail -1 out)" '0 nothing is wrong with `plain.db`'
cd ..
