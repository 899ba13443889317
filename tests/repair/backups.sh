#!/usr/bin/env bash
# backups.sh [COUNT [PLAYERS]]: COUNT backups, one behind the other, of a database that a run writes without a pause: new players in every record, so that both
# files grow. Each copy must be whole, fold, go on, and its log be the beginning of the log that the run ends with.
set -eu
PROMO=${PROMO:-build/promo} OUT=${OUT:-build}
count=${1:-20} players=${2:-60000}
work=$(mktemp -d)
trap 'kill "$runner" 2>/dev/null || true; wait "$runner" 2>/dev/null || true; rm -rf "$work"' EXIT
started=$SECONDS failed=0 during=0
rows() { "$OUT/tests/rows_tool" "$1" "SELECT first, count, hex(chain) FROM log ORDER BY first"; }
echo "backups: $count of a run of $players players"
"$PROMO" build examples/hello -o "$work/hello.pbc" >/dev/null 2>&1
# A block of records, then a little time for others, until the backups are done.
awk -v players="$players" 'BEGIN {
    for (i = 1; i <= players; i++) {
        printf "{\"id\":\"e%d\",\"event\":\"registration\",\"player\":\"player-%d\",\"at\":\"2026-06-01T10:%02d:%02dZ\"}\n", i, i, int(i / 60) % 60, i % 60
        if (i % 500 == 0) { fflush(); system("sleep 0.05") }
    }
}' | "$PROMO" run --bundle "$work/hello.pbc" --db "$work/live.db" --effects "$work/effects" --events - --batch 100 --checkpoint 3000 >"$work/out" 2>"$work/err" &
runner=$!
while [ ! -s "$work/live.db-keys" ] || [ -z "$(rows "$work/live.db" 2>/dev/null | head -n 1)" ]; do sleep 0.05; done
for number in $(seq "$count"); do
    if kill -0 "$runner" 2>/dev/null; then during=$((during + 1)); fi
    "$PROMO" backup --db "$work/live.db" --to "$work/copy-$number.db" >"$work/said" 2>&1 || {
        failed=$((failed + 1))
        echo "FAIL backup $number: $(cat "$work/said")"
    }
done
wait "$runner" || {
    echo "FAIL the run that was copied: $(cat "$work/err")"
    failed=$((failed + 1))
}
rows "$work/live.db" >"$work/live.rows"
before=0
for number in $(seq "$count"); do
    copy=$work/copy-$number.db
    [ -e "$copy" ] || continue
    rows "$copy" >"$work/copy.rows"
    lines=$(wc -l <"$work/copy.rows")
    if [ "$lines" -lt "$before" ] || ! cmp -s "$work/copy.rows" <(head -n "$lines" "$work/live.rows"); then
        failed=$((failed + 1))
        echo "FAIL backup $number: its log is not the beginning of the log"
    fi
    before=$lines
    if ! "$PROMO" doctor --db "$copy" >"$work/said" 2>&1; then
        failed=$((failed + 1))
        echo "FAIL backup $number: $(grep WRONG "$work/said")"
    fi
done
# The last one goes on as the original would have: the same effects for what comes.
printf '{"id":"x","event":"registration","player":"new","at":"2026-06-02T10:00:00Z"}\n' >"$work/more"
"$PROMO" run --db "$copy" --events "$work/more" --effects "$work/more.effects" >/dev/null 2>"$work/err" && [ "$(grep -c '"player":"new"' "$work/more.effects")" -ge 1 ] || {
    failed=$((failed + 1))
    echo "FAIL the copy does not go on: $(cat "$work/err")"
}
[ "$during" -ge $((count / 2)) ] || {
    failed=$((failed + 1))
    echo "FAIL only $during backups were taken while the run wrote"
}
if [ -n "${TORTURE_LOG:-}" ]; then
    printf 'repair\tbackups while a run writes, opened and compared\t%s\t%s\t-\t%s\n' "$count" "$failed" $((SECONDS - started)) >>"$TORTURE_LOG"
fi
echo "backups: $count taken, $during while the run wrote, $failed wrong; the last has $before rows of $(wc -l <"$work/live.rows")"
[ "$failed" = 0 ]
