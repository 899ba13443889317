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
[ -n "${KEEP:-}" ] && echo "$work" || trap 'rm -rf "$work"' EXIT
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
    status=$?
    check "$example: deliver ends with $status ($(cat stderr))" [ $status -le 1 ]
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

# ---- a person looks, and says a word; all of it stands in the audit (promise O6)
cat >gift.promo <<'END'
workspace "Bank"
  currency  EUR
  timezone  "Europe/Malta"
  channel   inbox
  use events
  use attributes
  use actions
end
message "hello"
  about  casino
  inbox  "en" "Welcome!"
end
campaign "Gift"
  product   casino
  currency  EUR
  budget
    total   100,000 EUR
  end
  enter every time
  start on registration
  offer cash "gift"
    amount   5 EUR
    wagering none
  end
  step "Only"
    send inbox "hello"
    credit "gift"
    wait 30 days
    finish as "DONE"
  end
end
END
stream() { # COUNT: players that register, a minute apart from each other
    awk -v n="$1" 'BEGIN {
        for (i = 0; i < n; i++) {
            at = sprintf("2026-06-%02dT%02d:%02d:00Z", 1 + int(i / 600), 8 + int(i % 600 / 60), i % 60)
            printf "{\"kind\":\"attributes\",\"id\":\"a%d\",\"player\":\"p%d\",\"at\":\"%s\",\"set\":{\"age_verified\":true}}\n", i, i, at
            printf "{\"id\":\"r%d\",\"event\":\"registered\",\"player\":\"p%d\",\"at\":\"%s\"}\n", i, i, at
        }
    }'
}
cat >nocredit.sh <<'END'
while IFS= read -r line; do
    id=${line#*\"id\":\"}
    id=${id%%\"*}
    case $line in
    *'"effect":"credit"'*) echo "{\"id\":\"$id\",\"outcome\":\"again\",\"reason\":\"the wallet is closed\"}" ;;
    *) echo "{\"id\":\"$id\",\"outcome\":\"done\"}" ;;
    esac
done
END
cat >paid.sh <<'END'
while IFS= read -r line; do
    id=${line#*\"id\":\"}
    id=${id%%\"*}
    echo "{\"id\":\"$id\",\"outcome\":\"done\",\"credited\":true,\"balance\":1.5,\"note\":null}"
done
END
rm -f e.db*
stream 3 | "$promo" run --bundle gift.promo --events - --db e.db --outbox >stdout 2>stderr || fail "gift: $(cat stderr)"
"$promo" outbox --db e.db >stdout 2>stderr
check "counts: $(cat stdout)" grep -Eq '^  credit/cash +queued +3' stdout
"$promo" stuck --db e.db --at 2026-06-01T08:30:00Z >stdout 2>stderr
status=$?
check "what is due and not carried is stuck ($(cat stdout))" [ $status = 1 ]
check "with advice" grep -q 'promo deliver' stdout
"$promo" deliver --db e.db --to 'sh nocredit.sh' --time log --wait >stdout 2>stderr
check "something was given up: exit status" [ $? = 1 ]
check "and it is said: $(cat stdout)" grep -q 'given up (`promo outbox dead`) 3' stdout
"$promo" outbox dead --db e.db >dead 2>stderr
check "three dead" [ "$(grep -c 'credit/cash' dead)" = 3 ]
check "with the reason" grep -q 'the wallet is closed' dead
"$promo" liability --db e.db >stdout 2>stderr
check "dead money stays reserved: $(cat stdout)" grep -q 'reserved 3 for 15 EUR' stdout
id=$(head -1 dead | cut -c1-32)
other=$(sed -n 3p dead | cut -c1-32)
check "an effect's bytes are shown" grep -q '"effect":"credit"' <("$promo" outbox show "$id" --db e.db 2>&1)
"$promo" outbox retry "$id" --by anna --at 2026-06-20T10:00:00Z --db e.db >stdout 2>stderr
check "retry: $(cat stderr)" grep -q '1 effect queued again' stdout
"$promo" outbox retry "$id" --by anna --at 2026-06-20T10:00:00Z --db e.db >stdout 2>stderr
check "what is not dead is not tried anew" [ $? = 1 ]
"$promo" outbox drop "$other" --by ben --at 2026-06-20T10:00:00Z --db e.db >stdout 2>stderr
check "drop: $(cat stderr)" grep -q 'given up' stdout
"$promo" deliver --db e.db --to 'sh paid.sh' --time log >stdout 2>stderr
check "afterwards: $(cat stdout)" grep -q 'delivered 1, taken back 1' stdout
"$promo" audit show --db e.db >stdout 2>stderr
check "the audit has who ordered it" grep -q "anna.*retry.*$id" stdout
check "and who gave up" grep -q "ben.*drop.*$other" stdout
"$promo" stuck --db e.db --at 2026-06-20T11:00:00Z --json >stdout 2>stderr
check "one dead, one reservation without a word: $(cat stdout)" [ "$(grep -c '"stuck":"dead"\|"stuck":"reward"' stdout)" = 2 ]
"$promo" stuck --db e.db --at 2026-07-20T11:00:00Z >stdout 2>stderr
check "past their deadline: send a tick" grep -q 'send a tick' stdout
echo '{"kind":"tick","at":"2026-07-20T11:00:00Z"}' | "$promo" run --db e.db --events - >stdout 2>stderr
"$promo" stuck --db e.db --at 2026-07-20T11:00:00Z >stdout 2>stderr
check "after a tick no journey is stuck" [ "$(grep -c '^journey' stdout)" = 0 ]
"$promo" outbox drop --all --by ben --at 2026-07-20T12:00:00Z --db e.db >stdout 2>stderr
"$promo" deliver --db e.db --to 'sh paid.sh' --time log >stdout 2>stderr
"$promo" stuck --db e.db --at 2026-07-20T13:00:00Z >stdout 2>stderr
status=$?
check "nothing is stuck any more: $(cat stdout)" [ $status = 0 ]
"$promo" doctor --db e.db >stdout 2>stderr
status=$?
check "the doctor finds nothing: $(cat stdout)" [ $status = 0 ]

# ---- stuck: what a receiver keeps in hand, what was taken back unclear, what a person holds
cat >keep.sh <<'END'
while IFS= read -r line; do
    case $line in
    *'"effect":"credit"'*) : >kept ;; # and not a word
    *)
        id=${line#*\"id\":\"}
        echo "{\"id\":\"${id%%\"*}\",\"outcome\":\"done\"}"
        ;;
    esac
done
END
stream 1 | "$promo" run --bundle gift.promo --events - --db s.db --outbox >stdout 2>stderr || fail "stuck: $(cat stderr)"
rm -f kept
"$promo" deliver --db s.db --to 'sh keep.sh' --time log --wait >carried 2>stderr &
pid=$!
for _ in $(seq 1 100); do
    [ -e kept ] && break
    sleep 0.05
done
"$promo" stuck --db s.db --at 2100-01-01T00:00:00Z --json >stdout 2>stderr
check "what a receiver keeps is in hand: $(cat stdout)" [ "$(grep -c '"stuck":"in_hand".*"recipient":"credit/cash"' stdout)" = 1 ]
check "and not queued" [ "$(grep -c '"stuck":"queued"' stdout)" = 0 ]
kill -9 "$pid"
wait "$pid" 2>/dev/null
# Nobody knows whether the wallet has it, and the player is excluded.
echo '{"id":"x1","event":"player.self_excluded","player":"p0","at":"2026-06-02T09:00:00Z","data":{}}' |
    "$promo" run --db s.db --events - --outbox >stdout 2>stderr || fail "stuck: excluded: $(cat stderr)"
"$promo" stuck --db s.db --at 2026-06-01T09:00:00Z --wallet 2h --json >stdout 2>stderr
check "the wallet has its time: $(cat stdout)" [ "$(grep -c '"stuck":"taken_back"' stdout)" = 0 ]
"$promo" stuck --db s.db --at 2026-06-05T10:00:00Z --json >stdout 2>stderr
check "then what was taken back unclear is told: $(cat stdout)" [ "$(grep -c '"stuck":"taken_back".*ask the wallet' stdout)" = 1 ]
for outbox in with without; do
    rm -f h.db* c.db*
    option=(--outbox)
    [ $outbox = with ] || option=()
    stream 1 | "$promo" run --bundle gift.promo --events - --db c.db "${option[@]}" >stdout 2>stderr || fail "stuck: $(cat stderr)"
    "$promo" restore --from c.db --to h.db --by anna >stdout 2>stderr || fail "stuck: restore: $(cat stderr)"
    "$promo" stuck --db h.db --at 2026-06-01T08:00:10Z --json >stdout 2>stderr
    status=$?
    check "a restored copy is held, $outbox an outbox: $status $(cat stdout)" \
        [ "$status $(grep -c '"stuck":"held".*promo restore confirm.*a person must confirm' stdout)" = "1 1" ]
done

# ---- what is refused and has no reply lies with the dead, and the exit status says so
cat >refuse.sh <<'END'
while IFS= read -r line; do
    id=${line#*\"id\":\"}
    echo "{\"id\":\"${id%%\"*}\",\"outcome\":\"refused\",\"reason\":\"no such account\"}"
done
END
"$promo" run --bundle "$root/examples/c01-welcome" --events "$root/examples/c01-welcome/events.ndjson" --db r.db --outbox >stdout 2>stderr
"$promo" deliver --db r.db --to 'sh refuse.sh' --time log >stdout 2>stderr
check "refused for good: exit status" [ $? = 1 ]
"$promo" outbox dead --db r.db >dead 2>stderr
check "as many are dead as it says: $(cat stdout)" grep -q "given up (\`promo outbox dead\`) $(grep -c ' dead ' dead)," stdout

# ---- killed at any moment: in the run that fills the outbox, and while it is emptied (promise O1)
SEED=${SEED:-$(($(date +%s) % 100000))}
KILLS=${KILLS:-10}
echo "outbox: kills with SEED=$SEED"
RANDOM=$SEED
began=$(date +%s)
cat >keeper.sh <<'END'
# Keeps ids over its own deaths: `got` holds what was done, `again` what was put off once.
exec 9>lock
flock 9 # one that lost its sender ends first
declare -A seen put
while IFS= read -r line; do seen[$(cut -d'"' -f8 <<<"$line")]=1; done < <(cat got 2>/dev/null)
while IFS= read -r id; do put[$id]=1; done < <(cat again 2>/dev/null)
while IFS= read -r line; do
    id=${line#*\"id\":\"}
    id=${id%%\"*}
    if [ -z "${seen[$id]:-}" ]; then
        if [ "${id:0:1}" = 7 ] && [ -z "${put[$id]:-}" ]; then
            put[$id]=1
            echo "$id" >>again
            echo "{\"id\":\"$id\",\"outcome\":\"again\"}"
            continue
        fi
        seen[$id]=1
        echo "$line" >>got
    else
        echo "$line" >>doubled
    fi
    echo "{\"id\":\"$id\",\"outcome\":\"done\",\"credited\":true}"
done
END
stream 300 >events
rm -f k.db* got again doubled expected
"$promo" run --bundle gift.promo --events events --effects expected >/dev/null 2>stderr || fail "expected: $(cat stderr)"
kills=0
# First in the run, then (no event comes any more, so instants cannot move) in the delivery.
for ((i = 0; i < KILLS; i++)); do
    if [ "$i" -lt $((KILLS / 3)) ]; then
        "$promo" run --bundle gift.promo --events events --db k.db --outbox --batch 7 --checkpoint 31 >stdout 2>stderr &
    else
        [ "$i" = $((KILLS / 3)) ] && "$promo" run --bundle gift.promo --events events --db k.db --outbox >stdout 2>stderr
        "$promo" deliver --db k.db --to 'bash keeper.sh' --time log --in-hand 16 >stdout 2>stderr &
    fi
    pid=$!
    sleep "0.$(printf '%03d' $((RANDOM % 400)))"
    kill -9 "$pid" 2>/dev/null && kills=$((kills + 1))
    wait "$pid" 2>/dev/null
done
"$promo" deliver --db k.db --to 'bash keeper.sh' --time log --wait >stdout 2>stderr || fail "after the kills: $(cat stderr)"
lost=$(sort -u expected | comm -23 - <(sort -u got) | wc -l)
strange=$(sort -u got | comm -23 - <(sort -u expected) | wc -l)
twice=$(sort got | uniq -d | wc -l)
changed=$(sort -u doubled 2>/dev/null | comm -23 - <(sort -u expected) | wc -l)
name="SEED=$SEED tests/outbox/run.sh"
check "$name: $lost lost of $(wc -l <expected)" [ "$lost" = 0 ]
check "$name: $strange that are no effects" [ "$strange" = 0 ]
check "$name: $twice twice" [ "$twice" = 0 ]
check "$name: $changed came again with other bytes" [ "$changed" = 0 ]
check "$name: something waits: $("$promo" outbox --db k.db)" grep -q 'nothing waits' <("$promo" outbox --db k.db)
"$promo" liability --db k.db >stdout 2>stderr
check "$name: everything is paid: $(cat stdout)" [ "$(grep -c EUR stdout)" = 0 ]
"$promo" doctor --db k.db >stdout 2>stderr
status=$?
check "$name: the doctor: $(cat stdout)" [ $status = 0 ]
if [ -n "${TORTURE_LOG:-}" ]; then
    printf 'outbox\tkill -9 while the outbox is filled or emptied\t%d\t%d\tseed %s\t%d\n' "$kills" \
        $((lost + strange + twice + changed)) "$SEED" $(($(date +%s) - began)) >>"$TORTURE_LOG"
fi

echo "outbox: $passed passed, $failed failed"
[ "$failed" = 0 ]
