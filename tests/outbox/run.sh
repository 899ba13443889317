#!/usr/bin/env bash
# check: yes
#
# What leaves through the outbox: carried, tried again, given up, taken back, killed in the middle. A receiver that keeps the ids must have each effect
# exactly once, with the bytes that `--effects` writes.
# Ends with `outbox: N passed, N failed`.
set -u
cd "$(dirname "$0")/../.." || exit 2

promo=$(realpath "${PROMO:-build/promo}")
root=$(pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C.UTF-8
passed=0
failed=0
cd "$work" || exit 2

pass() { passed=$((passed + 1)); }
fail() {
    failed=$((failed + 1))
    echo "FAILED $*"
}
check() { # WORDS CONDITION…
    local words=$1
    shift
    if "$@"; then pass; else fail "$words"; fi
}

# receiver OUTCOME-OF-THE-FIRST-N N: a shell program that keeps lines in `got` and ids in `tried`.
cat >take.sh <<'END'
while IFS= read -r line; do
    id=${line#*\"id\":\"}
    id=${id%%\"*}
    echo "$line" >>got
    echo "{\"id\":\"$id\",\"outcome\":\"done\"}"
done
END
cat >later.sh <<'END'
while IFS= read -r line; do
    id=${line#*\"id\":\"}
    id=${id%%\"*}
    n=$(grep -c "$id" tried 2>/dev/null)
    echo "$id" >>tried
    if [ "${n:-0}" -lt 3 ]; then
        echo "{\"id\":\"$id\",\"outcome\":\"again\",\"reason\":\"no room for planted.person@example.com\"}"
    else
        echo "$line" >>got
        echo "{\"id\":\"$id\",\"outcome\":\"done\"}"
    fi
done
END

# story NAME DATABASE: an example's stream into the outbox, its effects into expected.
story() {
    rm -f "$2" "$2"-* expected got tried
    "$promo" run --bundle "$root/examples/$1" --events "$root/examples/$1/events.ndjson" --db "$2" --outbox --effects expected \
        >stdout 2>stderr
}
same_lines() { cmp -s <(sort "$1") <(sort "$2"); }
once() { [ -z "$(sort "$1" | uniq -d)" ]; }

# ---- each effect once, with the same bytes (promise O1)
for example in hello c01-welcome c11-self-exclusion; do
    story $example a.db || fail "$example: $(cat stderr)"
    "$promo" deliver --db a.db --to 'sh take.sh' --time log >stdout 2>stderr
    check "$example: deliver ends with $? ($(cat stderr))" [ $? -le 1 ]
    check "$example: nothing was carried that is no effect" [ -z "$(sort -u got | comm -23 - <(sort -u expected))" ]
    check "$example: an effect was carried twice" once got
    rm -f got
    "$promo" deliver --db a.db --to 'sh take.sh' --time log >stdout 2>stderr
    check "$example: what was delivered leaves again" [ ! -e got ]
done
story hello a.db
"$promo" deliver --db a.db --to 'sh take.sh' --time log >stdout 2>stderr
check "hello: all effects arrive" same_lines got expected

# ---- what fails is tried again, by a schedule that is in the log (promise O3); what the receiver says is sealed (promise O7)
story hello b.db
"$promo" deliver --db b.db --to 'sh later.sh' --time log --wait --json >stdout 2>stderr
check "tried again: $(cat stdout)" grep -q '"again":6,' stdout
check "tried again: all effects arrive once" same_lines got expected
check "a reason stands open in the file" [ "$(cat b.db b.db-wal 2>/dev/null | grep -ac planted.person)" = 0 ]

# ---- no outbox, no database, no receiver
"$promo" run --bundle "$root/examples/hello" --events "$root/examples/hello/events.ndjson" --db c.db >stdout 2>stderr
"$promo" deliver --db c.db --to cat >stdout 2>stderr
check "a database without an outbox is refused" [ $? = 2 ]
check "and says how to begin one" grep -q -- '--outbox' stderr
"$promo" deliver --db none.db --to cat >stdout 2>stderr
check "no database" [ $? = 2 ]
story hello d.db
"$promo" deliver --db d.db --to 'exit 3' --time log --wait >stdout 2>stderr
check "a receiver that ends at once stops the command" [ $? = 2 ]
check "and is told: $(cat stderr)" grep -q 'answered nothing' stderr
"$promo" deliver --db d.db --to 'sh take.sh' --time log --wait >stdout 2>stderr
check "afterwards all arrive" same_lines got expected

echo "outbox: $passed passed, $failed failed"
[ "$failed" = 0 ]
