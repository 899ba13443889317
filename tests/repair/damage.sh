#!/usr/bin/env bash
# damage.sh [COUNT [SEED]]: a database is damaged in COUNT places, one at a time, by seeds from SEED on; the doctor must find each, say what it is and what to do,
# and never crash. One line repeats a failure.
set -eu
PROMO=${PROMO:-build/promo} OUT=${OUT:-build}
count=${1:-120} first=${2:-1}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
started=$SECONDS
echo "damage: seed $first, $count damages"
half=$(($(wc -l <examples/c02-ladder/events.ndjson) * 6 / 10))
"$PROMO" run --bundle examples/c02-ladder --db "$work/whole.db" --outbox --effects /dev/null --events <(head -n "$half" examples/c02-ladder/events.ndjson) >/dev/null 2>&1
"$PROMO" run --db "$work/whole.db" --effects /dev/null --batch 20 --checkpoint 60 --events <(tail -n +$((half + 1)) examples/c02-ladder/events.ndjson) >/dev/null 2>&1
"$PROMO" doctor --db "$work/whole.db" >"$work/doctor" || {
    echo "FAIL the database is not whole to begin with"
    cat "$work/doctor"
    exit 1
}
tried=0 found=0 failed=0 seed=$first
while [ "$tried" -lt "$count" ]; do
    rm -f "$work"/go.db*
    cp "$work/whole.db" "$work/go.db"
    cp "$work/whole.db-keys" "$work/go.db-keys"
    status=0
    "$OUT/tests/damage_tool" "$work/go.db" "$seed" >"$work/what" || status=$?
    seed=$((seed + 1))
    [ "$status" = 3 ] && continue
    [ "$status" = 0 ] || {
        echo "FAIL seed $((seed - 1)): the damage could not be done"
        exit 1
    }
    tried=$((tried + 1))
    status=0
    "$PROMO" doctor --db "$work/go.db" >"$work/doctor" 2>&1 || status=$?
    if [ "$status" = 1 ] && grep -q 'WRONG' "$work/doctor" && grep -q '= do: ' "$work/doctor"; then
        found=$((found + 1))
    elif [ "$status" = 2 ] && grep -q '; ' "$work/doctor"; then
        found=$((found + 1))
    else
        failed=$((failed + 1))
        echo "FAIL $(cat "$work/what"); the doctor's exit status is $status"
        echo "     repeat: $0 1 $((seed - 1))"
        sed "s/^/     /" "$work/doctor" | head -n 40
    fi
done
if [ -n "${TORTURE_LOG:-}" ]; then
    printf 'repair\tdamages of a database tried, found by the doctor\t%s\t%s\tseed %s..%s\t%s\n' "$tried" "$failed" "$first" $((seed - 1)) $((SECONDS - started)) >>"$TORTURE_LOG"
fi
echo "damages: $found of $tried found"
[ "$failed" = 0 ]
