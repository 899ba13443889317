#!/usr/bin/env bash
# Copies, the doctor, restores: what goes wrong with files is found and told, and no money is paid twice by bringing a copy back.
# A share of tests/repair/*.sh; `make repair TIME=s SEED=n` gives them longer.
# asan: yes
set -eu
export PROMO=${PROMO:-build/promo} OUT=${OUT:-build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
ok() { passed=$((passed + 1)); }
bad() {
    failed=$((failed + 1))
    printf 'FAIL %s\n' "$*"
}
share() { # script and numbers
    if "$@" >"$work/share" 2>&1; then ok; else
        bad "$*"
        cat "$work/share"
    fi
    tail -n 1 "$work/share"
}
says() { # what, exit status, words, command…
    local what=$1 expected=$2 words=$3 status=0
    shift 3
    "$@" >"$work/said" 2>&1 || status=$?
    if [ "$status" = "$expected" ] && grep -qF -- "$words" "$work/said"; then ok; else
        bad "$what: exit status $status, and it says"
        cat "$work/said"
    fi
}
pair() { # from, to
    rm -f "$2"*
    cp "$1" "$2"
    cp "$1-keys" "$2-keys"
}

part=1
[ "$OUT" = build ] || part=4 # the sanitizers take their time
# promise R1
share tests/repair/backups.sh $((20 / part)) $((30000 / part))
# promise R3
share tests/repair/damage.sh $((40 / part)) 1000
# promises R2, R6, X2
share tests/repair/restores.sh $((40 / part)) 1

# ---- files that are missing, cut or of another database
half=$(($(wc -l <examples/c02-ladder/events.ndjson) / 2))
"$PROMO" run --bundle examples/c02-ladder --db "$work/a.db" --effects /dev/null --events <(head -n "$half" examples/c02-ladder/events.ndjson) >/dev/null 2>&1
"$PROMO" run --bundle examples/c01-welcome --db "$work/b.db" --effects /dev/null --events examples/c01-welcome/events.ndjson >/dev/null 2>&1
says "a whole database" 0 "nothing is wrong" "$PROMO" doctor --db "$work/a.db"
says "quickly" 0 "left out" "$PROMO" doctor --db "$work/a.db" --quick
says "as JSON" 0 '{"check":"log","verdict":"ok"' "$PROMO" doctor --db "$work/a.db" --json
says "no database" 2 "there is no database" "$PROMO" doctor --db "$work/none.db"
pair "$work/a.db" "$work/go.db"
cp "$work/b.db-keys" "$work/go.db-keys"
says "keys of another database" 1 "are not those of" "$PROMO" doctor --db "$work/go.db"
pair "$work/a.db" "$work/go.db"
rm "$work/go.db-keys"
says "no keys" 1 "is missing or empty" "$PROMO" doctor --db "$work/go.db"
pair "$work/a.db" "$work/go.db"
rm "$work/go.db"
says "no log" 1 "is missing or empty" "$PROMO" doctor --db "$work/go.db"
pair "$work/a.db" "$work/go.db"
echo "no database" >"$work/go.db"
says "another file" 1 "cannot be read as a database" "$PROMO" doctor --db "$work/go.db"
says "another file, to be copied" 2 "bring the database back from an older backup" "$PROMO" backup --db "$work/go.db" --to "$work/copy.db"
pair "$work/a.db" "$work/old.db"
"$PROMO" run --db "$work/a.db" --effects /dev/null --events <(tail -n +$((half + 1)) examples/c02-ladder/events.ndjson
    echo '{"kind":"attributes","id":"late","player":"later","at":"2026-09-01T08:00:00Z","set":{"age_verified":true}}') >/dev/null 2>&1
pair "$work/a.db" "$work/go.db"
cp "$work/old.db-keys" "$work/go.db-keys"
says "keys of an older copy" 1 "lacks players that the log" "$PROMO" doctor --db "$work/go.db"

# ---- a backup replaces nothing, and is not made of what is damaged
says "a copy" 0 "whole" "$PROMO" backup --db "$work/a.db" --to "$work/copy.db" --whole
says "the same name" 2 "a backup replaces nothing" "$PROMO" backup --db "$work/a.db" --to "$work/copy.db"
mkdir "$work/folder"
says "into a folder, said with a slash" 0 "$work/folder/a-2" "$PROMO" backup --db "$work/a.db" --to "$work/folder/"
says "no such folder" 2 "making" "$PROMO" backup --db "$work/a.db" --to "$work/none/copy.db"
says "of what is damaged" 2 "the copy is not whole, and was removed" bash -c "
    for seed in \$(seq 1 60); do
        rm -f $work/go.db* ; cp $work/a.db $work/go.db ; cp $work/a.db-keys $work/go.db-keys
        if $OUT/tests/damage_tool $work/go.db \$seed | grep -q 'log.*body'; then break; fi
    done
    $PROMO backup --db $work/go.db --to $work/bad.db"
if [ -e "$work/bad.db" ] || [ -e "$work/bad.db-keys" ] || [ -e "$work/bad.db.part" ]; then bad "a bad copy was left"; else ok; fi

# ---- a restore replaces nothing, says what can have been lost, and is held
pair "$work/a.db" "$work/copy2.db"
says "over a database" 2 "a restore replaces nothing" "$PROMO" restore --from "$work/copy.db" --to "$work/a.db" --by anna
says "by nobody" 2 "say who orders it" "$PROMO" restore --from "$work/copy.db" --to "$work/new.db"
says "of nothing" 2 "there is no" "$PROMO" restore --from "$work/none.db" --to "$work/new.db" --by anna
if [ -e "$work/new.db" ] || [ -e "$work/new.db-keys" ] || [ -e "$work/new.db.restoring" ]; then bad "a failed restore left something"; else ok; fi
printf '{"credit":"12","player":"p1"}\n' >"$work/statement"
says "a bad statement" 1 "line 1 of the statement" "$PROMO" restore --from "$work/copy.db" --to "$work/new.db" --wallet "$work/statement" --by anna
says "without a statement" 0 "at most" "$PROMO" restore --from "$work/copy.db" --to "$work/new.db" --by anna
says "what people ordered since" 0 "who was erased or suppressed is here as before" "$PROMO" restore --from "$work/copy.db" --to "$work/new2.db" --by anna
says "the doctor knows" 0 "nobody has confirmed" "$PROMO" doctor --db "$work/new.db"
says "and names the file" 0 "promo restore confirm --db $work/new.db --by NAME" "$PROMO" doctor --db "$work/new.db"
says "reconcile alone" 2 "reconcile --db FILE --wallet FILE --by NAME" "$PROMO" restore reconcile
says "the epoch is a date" 1 "restored as epoch 20" "$PROMO" stuck --db "$work/new.db"
says "held" 0 "nothing leaves it until a person has confirmed" "$PROMO" run --db "$work/new.db" --events /dev/null --effects "$work/held"
if [ -s "$work/held" ]; then bad "something left while it was held"; else ok; fi
printf '{"statement":"complete","since":"2020-01-01T00:00:00Z","credits":1}\n' >"$work/statement"
says "a line is missing" 1 "counts 1 credits, and 0 stand before it" "$PROMO" restore reconcile --db "$work/new.db" --wallet "$work/statement" --by anna
printf '{"statement":"complete","since":"2020-01-01T00:00:00Z","credits":0}\n' >"$work/statement"
says "a whole statement" 0 "credits are granted again" "$PROMO" restore reconcile --db "$work/new.db" --wallet "$work/statement" --by anna
credit='{"credit":"0123456789abcdef0123456789abcdef","player":"p1","campaign":"Welcome","offer":"gift","cost":"1.00 EUR","at":"2026-09-01T08:00:00Z","status":'
printf '%s"credited"}\n\n%s"failed"}\n' "$credit" "$credit" >"$work/statement"
says "a credit twice" 1 "line 3 of the statement: the credit 0123456789abcdef0123456789abcdef stands in line 1 too" "$PROMO" restore reconcile --db "$work/new.db" --wallet "$work/statement" --by anna
printf '%s"credited"}\n' "${credit/2026-09/2024-09}" >"$work/statement"
says "one that is forgotten is not lost" 0 "0 settled now, 1 known before, 0 lost" "$PROMO" restore reconcile --db "$work/new.db" --wallet "$work/statement" --by anna
says "of no restore" 1 "was never restored" "$PROMO" restore reconcile --db "$work/a.db" --wallet "$work/statement" --by anna
says "confirmed" 0 "leaves with the next run" "$PROMO" restore confirm --db "$work/new.db" --by anna
says "once" 1 "nothing is held" "$PROMO" restore confirm --db "$work/new.db" --by anna
says "in the audit" 0 "confirm_restore" "$PROMO" audit show --db "$work/new.db"

# ---- who was erased after the copy does not come back, where the keys of the lost database are still there
pair "$work/a.db" "$work/lost.db"
someone=$("$OUT/tests/rows_tool" "$work/lost.db-keys" "SELECT player FROM player WHERE number = 1")
says "a later erasure" 0 "is erased" "$PROMO" erase --db "$work/lost.db" --player "$someone" --at 2026-09-02T08:00:00Z
says "a stranger comes" 0 "" "$PROMO" run --db "$work/lost.db" --events <(
    echo '{"kind":"attributes","id":"s","player":"stranger","at":"2026-09-03T08:00:00Z","set":{"age_verified":true}}')
says "a stranger goes" 0 "is erased" "$PROMO" erase --db "$work/lost.db" --player stranger --at 2026-09-04T08:00:00Z
mv "$work/lost.db-keys" "$work/lost-keys" && rm -f "$work"/lost.db*
holds() { "$OUT/tests/rows_tool" "$work/back.db-keys" "SELECT player FROM player" | grep -c -x -F -e "$someone"; }
says "without the keys it is told" 0 "with --keys" "$PROMO" restore --from "$work/copy.db" --to "$work/back.db" --by anna
if [ "$(holds || true)" != 0 ]; then ok; else bad "he should be back: the test sees nothing"; fi
rm -f "$work"/back.db*
says "keys of another database" 1 "belongs to another database" "$PROMO" restore --from "$work/copy.db" --to "$work/back.db" --keys "$work/b.db-keys" --by anna
says "older keys" 1 "is older than the copy" "$PROMO" restore --from "$work/copy.db" --to "$work/back.db" --keys "$work/old.db-keys" --by anna
says "no keys" 2 "there is no" "$PROMO" restore --from "$work/copy.db" --to "$work/back.db" --keys "$work/none-keys" --by anna
if [ -e "$work/back.db" ] || [ -e "$work/back.db.restoring" ]; then bad "a refused restore left something"; else ok; fi
says "with the keys" 0 "here too: 1 player;" "$PROMO" restore --from "$work/copy.db" --to "$work/back.db" --keys "$work/lost-keys" --by anna
if grep -qF "1 player more came" "$work/said"; then ok; else bad "nobody tells of the stranger: $(cat "$work/said")"; fi
says "it is in the audit" 0 "erase" "$PROMO" audit show --db "$work/back.db"
says "confirmed" 0 "leaves with" "$PROMO" restore confirm --db "$work/back.db" --by anna
says "the keys go" 0 "" "$PROMO" run --db "$work/back.db" --events /dev/null
credit="{\"credit\":\"0123456789abcdef0123456789abcdef\",\"player\":\"$someone\",\"campaign\":\"Welcome\",\"offer\":\"gift\",\"cost\":\"1.00 EUR\",\"at\":\"2026-09-01T08:00:00Z\",\"status\":\"credited\"}"
printf '%s\n{"statement":"complete","since":"2020-01-01T00:00:00Z","credits":1}\n' "$credit" >"$work/statement"
says "his credit is nobody's" 0 "1 lost and booked as spent" "$PROMO" restore reconcile --db "$work/back.db" --wallet "$work/statement" --by anna
if [ "$(holds || true)" = 0 ]; then ok; else bad "a statement puts the id of who was erased back into FILE-keys"; fi
says "and is booked once" 0 "1 known before, 0 lost" "$PROMO" restore reconcile --db "$work/back.db" --wallet "$work/statement" --by anna
says "goes on" 0 "" "$PROMO" run --db "$work/back.db" --events <(
    printf '{"kind":"attributes","id":"again","player":"%s","at":"2026-09-01T12:00:00Z","set":{"age_verified":true}}\n' "$someone")
# What is sent again of him is numbered like anybody's, and is not applied.
says "he is gone" 0 "has no player" bash -c "$PROMO wallet --db $work/back.db --player $someone 2>&1 || [ \$? = 1 ]"
if [ "$("$OUT/tests/rows_tool" "$work/back.db-keys" "SELECT count(*) FROM player WHERE number = 1 AND key IS NULL")" = 1 ]; then ok; else bad "his key is still there"; fi
says "the doctor agrees" 0 "nothing is wrong" "$PROMO" doctor --db "$work/back.db"

# ---- the clock, from outside
says "where time stands" 0 "the log's last instant" "$PROMO" clock show --db "$work/new.db"
says "by nobody" 2 "say who accepts it" "$PROMO" clock accept --db "$work/new.db"
says "a person's word" 0 "accepted" "$PROMO" clock accept --db "$work/new.db" --by anna
says "it is in the audit" 0 "accept_clock" "$PROMO" audit show --db "$work/new.db"
says "and the database is whole" 0 "nothing is wrong" "$PROMO" doctor --db "$work/new.db"

echo "repair: $passed passed, $failed failed"
[ "$failed" = 0 ]
