#!/usr/bin/env bash
# check: yes
#
# Personal data at rest: what is planted in events is looked for in every file, and what is erased is gone from all of them.
# Ends with `privacy: N passed, N failed`.
set -u
cd "$(dirname "$0")/../.." || exit 2

promo=$(realpath "${PROMO:-build/promo}")
tools=$(realpath "${OUT:-build}")/tests
campaign=$(realpath tests/privacy/campaign.promo)
parts=$(realpath tests/privacy)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C.UTF-8 USER=operator
passed=0
failed=0
cd "$work" || exit 2

pass() { passed=$((passed + 1)); }
fail() {
    failed=$((failed + 1))
    echo "FAILED $*"
}
is() { # NAME FOUND WANTED
    if [ "$2" = "$3" ]; then pass; else fail "$1: \`$2\`, not \`$3\`"; fi
}
rows() { "$tools/rows_tool" "$@"; }
run() { "$promo" run --db d.db --effects effects "$@" >out 2>err || fail "run $*: $(cat err)"; }

# ---------------------------------------------------------------- a player comes, is erased, comes again

cat >first <<'EOF'
{"kind":"attributes","id":"a1","player":"mia-planted","at":"2026-06-01T09:00:00Z","set":{"email":"Mia.Planted@example.com","nickname":"Miaplanted"}}
{"id":"event-planted-1","event":"registered","player":"mia-planted","at":"2026-06-01T10:00:00Z","data":{}}
{"id":"e2","event":"registered","player":"ben","at":"2026-06-01T10:00:00Z","data":{}}
{"kind":"person","id":"l1","player":"mia-planted","person":"group-planted","at":"2026-06-01T10:00:00Z"}
{"kind":"person","id":"l2","player":"ben","person":"group-planted","at":"2026-06-01T10:00:00Z"}
EOF
cat >second <<'EOF'
{"id":"e3","event":"registered","player":"mia-planted","at":"2026-06-03T10:00:00Z","data":{}}
{"kind":"attributes","id":"a2","player":"other","at":"2026-06-03T10:00:00Z","set":{"email":" mia.planted@EXAMPLE.com"}}
{"id":"e4","event":"registered","player":"other","at":"2026-06-03T10:00:01Z","data":{}}
{"id":"e5","event":"registered","player":"ben","at":"2026-06-20T10:00:00Z","data":{}}
EOF

run --bundle "$campaign" --events first
is "a person: in no file" "$(grep -l -a -i -e group-planted d.db*)" ""
before=$(rows d.db "SELECT kind, amount, currency FROM ledger; ")
books=$(rows d.db "SELECT cap, reserved, spent FROM budgets")
"$promo" erase --player mia-planted --by Vera --db d.db --at 2026-06-02T10:00:00Z --effects effects >out 2>err
is "erase: exit" $? 0
is "erase: words" "$(head -1 out)" '`mia-planted` is erased: state and key are gone; suppressed from now on'
is "erase: ended" "$(sed -n 2p out)" "  1 journey ended"
is "erase: asked back" "$(sed -n 3p out)" "  2 effects asked back"
is "erase: gone from the files" "$(grep -l -a -i -e mia-planted -e mia.planted -e Miaplanted -e event-planted -e group-planted d.db*)" ""
is "erase: the row is empty" "$(rows d.db-keys "SELECT number, length(brand), length(player), key, hash FROM player WHERE number = 1")" "1|0|0|-|-"
is "erase: the other's is not" "$(rows d.db-keys "SELECT length(key) FROM player WHERE number = 2")" 32
is "erase: the ledger stays" "$(rows d.db "SELECT kind, amount, currency FROM ledger")" "$before"
is "erase: the books stay" "$(rows d.db "SELECT cap, reserved, spent FROM budgets")" "$books"
is "erase: nobody's journey" "$(rows d.db "SELECT count(*) FROM journeys WHERE number = 1")" 0
"$promo" audit verify --db d.db >out 2>err
is "audit: verifies" $? 0
"$promo" audit show --db d.db >out 2>err
is "audit: who" "$(grep -c 'Vera  erase  player 1' out)" 1
"$promo" explain --db d.db --player mia-planted >out 2>err
is "explain: erased" "$(grep -c 'This player was erased: what was known before is gone' out)" 1
"$promo" doctor --db d.db >out 2>err
is "doctor: knows the base" $? 0
"$promo" explain --db d.db --player mia-planted >out 2>err
is "explain: how far" "$(grep -c 'note: this reaches back to 2026-06-02T10:00:00.000Z' err)" 1

run --events second
is "again: refused" "$(rows d.db "SELECT count FROM figures WHERE figure = 'refusals' AND name = 'SUPPRESSED'")" "2"
"$promo" explain --db d.db --player other >out 2>err
is "again: why" "$(grep -c 'SUPPRESSED' out)" 1

# Folded again from the base: nothing differs.
view() { rows d.db "SELECT * FROM ledger"; rows d.db "SELECT * FROM messages"; rows d.db "SELECT * FROM budgets"; rows d.db "SELECT * FROM journeys"; }
view >one
"$promo" run --db d.db --refold --events /dev/null >out 2>err
is "refold: exit" $? 0
view >two
is "refold: the same" "$(cmp one two && echo same)" same

# A person allows it again.
"$promo" unsuppress --db d.db --contact MIA.planted@example.com --at 2026-06-21T10:00:00Z >out 2>err
is "unsuppress: words" "$(cat out)" "not suppressed any more"
"$promo" unsuppress --db d.db --player mia-planted --at 2026-06-21T10:00:00Z >out 2>err
echo '{"id":"e6","event":"registered","player":"mia-planted","at":"2026-06-22T10:00:00Z","data":{}}' >third
run --events third
is "again: enters" "$(rows d.db "SELECT count(*) FROM journeys WHERE state IS NOT NULL AND entered_at LIKE '2026-06-22%'")" 1
is "again: no id twice" "$(grep -o '"id":"[0-9a-f]*"' effects | sort | uniq -d | wc -l)" 0
printf 'someone@example.com\n\n+356 99 123456\n' >list
"$promo" suppress --db d.db --from list --at 2026-06-23T10:00:00Z >out 2>err
is "suppress: a list" $? 0
is "suppress: in the audit" "$("$promo" audit show --db d.db | grep -c '  suppress  contact ')" 2
is "suppress: no value" "$(grep -l -a -i -e someone@ -e 99123456 -e '99 123456' d.db*)" ""

# Somebody of whom nothing is known is told, and nothing changes; but where it is said he is suppressed from now on. The same order again does nothing.
sum=$(rows d.db "SELECT count(*), max(first) FROM log")
"$promo" erase --player nobody --db d.db --at 2026-06-24T10:00:00Z >out 2>err
is "erase: unknown: exit" $? 1
is "erase: unknown" "$(head -1 err)" 'promo: nobody is known as `nobody`; nothing was changed'
is "erase: unknown: how to go on" "$(grep -c -e '--in-advance' err)" 1
is "erase: unknown: nothing changed" "$(rows d.db "SELECT count(*), max(first) FROM log")" "$sum"
is "erase: unknown: not in the audit" "$("$promo" audit show --db d.db | grep -c nobody)" 0
"$promo" erase --player nobody --db d.db --in-advance --at 2026-06-24T10:00:00Z >out 2>err
is "erase: in advance" "$(cat out)" '`nobody` was not known; who comes with this id is suppressed from now on'
echo '{"id":"e7","event":"registered","player":"nobody","at":"2026-06-24T10:00:01Z","data":{}}' >fourth
run --events fourth
is "erase: in advance: it holds" "$(rows d.db "SELECT sum(count) FROM figures WHERE figure = 'refusals' AND name = 'SUPPRESSED'")" "3"
"$promo" erase --player nobody --db d.db --at 2026-06-24T10:00:00Z >out 2>err
is "erase: twice" "$(cat out)" "nothing was done now: an order with this id was carried out before"
"$promo" erase --player nobody --db d.db --at 2026-06-24T10:00:02Z >out 2>err
is "erase: who came since" "$(cat out)" '`nobody` is erased: state and key are gone; suppressed from now on'
"$promo" erase --player nobody --db d.db --at 2026-06-24T10:00:00Z >out 2>err
is "erase: twice" "$(cat out)" "nothing was done now: an order with this id was carried out before"
# Orders without --at are told apart within a second: the last one holds.
cp d.db now.db && cp d.db-keys now.db-keys
for word in suppress unsuppress suppress; do "$promo" $word --player bob --db now.db >out 2>err; done
is "suppress: again at once" "$(cat out)" "suppressed: no campaign that promotes or rewards, no marketing message"
"$promo" unsuppress --player bob --db now.db >out 2>err
is "unsuppress: again at once" "$(cat out)" "not suppressed any more"
"$promo" erase --db d.db >out 2>err
is "erase: nobody named" "$(grep -c 'say who is erased: --player ID' err)" 1
"$promo" suppress --db d.db >out 2>err
is "suppress: nobody named" "$(grep -c 'say who: --player ID, --contact VALUE or --from FILE' err)" 1
"$promo" erase --db none.db --player p >out 2>err
is "erase: no database" "$(grep -c 'there is no database' err)" 1

# Of several brands: who is known of another one is told.
{
    sed 's/^  timezone .*/&\n  brand alpha, beta/; s/"Erasure"/"Brands"/' "$campaign"
} >brands.promo
"$promo" build brands.promo -o brands.pbc >out 2>err || fail "brands: $(cat err)"
echo '{"id":"e1","event":"registered","player":"eve","brand":"beta","at":"2026-06-01T10:00:00Z","data":{}}' >brands
"$promo" run --db b.db --bundle brands.pbc --events brands >out 2>err || fail "brands: $(cat err)"
"$promo" erase --db b.db --player eve --brand alpha >out 2>err
is "erase: another brand" "$(head -2 err | tr '\n' '|')" 'promo: nobody is known as `eve` of the brand `alpha`; nothing was changed|  help: there is one of the brand `beta`: --brand beta|'
"$promo" erase --db b.db --player eve --brand beta >out 2>err
is "erase: of its brand" "$(head -1 out)" '`eve` is erased: state and key are gone; suppressed from now on'

# ---------------------------------------------------------------- the scan: what is planted stands in no file
# promise P1

scan() { # NAME FILE…: none of the planted values
    local name=$1
    shift
    is "$name" "$("$tools/scan_tool" planted "$@" | head -5)" ""
}
mkdir scan && cd scan || exit 2
printf 'Canary-Value' >canary
echo Canary-Value >planted
for form in 'cat' 'tr A-Z a-z' 'xxd -p' 'base64' 'sed s/^/x/;s/$/=/' 'iconv -t UTF-16LE'; do
    $form <canary >hidden 2>/dev/null || continue
    [ -s hidden ] || continue
    is "the scan sees: $form" "$("$tools/scan_tool" planted hidden | wc -l)" 1
done
for skip in x xy; do
    printf '%s%s' $skip Canary-Value | base64 >hidden
    is "the scan sees Base64 behind $skip" "$("$tools/scan_tool" planted hidden | wc -l)" 1
done

: >planted
: >events
for i in $(seq 1 "${PLAYERS:-250}"); do
    id=$(printf 'player-Quill%04d' "$i")
    day=$(printf '2026-06-%02d' $((i % 27 + 1)))
    printf '%s\n' "$id" "person$i@quill.example" "Quillname$i" "evt-quill-$i-" "crm-quill-$i-" "+35699${i}77" >>planted
    cat >>events <<EOF
{"kind":"attributes","id":"crm-quill-$i-a","source":"crm","player":"$id","at":"${day}T09:00:00Z","set":{"email":"person$i@quill.example","nickname":"Quillname$i","telephone":"+35699${i}77"}}
{"id":"evt-quill-$i-r","event":"registered","player":"$id","at":"${day}T10:00:00Z","data":{}}
{"id":"evt-quill-$i-n","event":"note.written","player":"$id","at":"${day}T11:00:00Z","data":{"words":"Quillname$i wrote","reach":"person$i@quill.example","stars":4}}
EOF
    [ $((i % 10)) -eq 0 ] && echo "{\"kind\":\"suppress\",\"id\":\"s$i\",\"at\":\"${day}T12:00:00Z\",\"contact\":\"hidden$i@quill.example\"}" >>events &&
        echo "hidden$i@quill.example" >>planted
    [ $((i % 50)) -eq 0 ] && echo "{\"kind\":\"erase\",\"id\":\"evt-quill-$i-x\",\"player\":\"$id\",\"at\":\"${day}T13:00:00Z\"}" >>events
done
sort -t'"' -k1,1 -s events >/dev/null # only that it is a text
"$promo" run --bundle "$campaign" --db d.db --events events --effects effects --notes notes --outbox --checkpoint 100 >run.out 2>run.err
is "scan: the run" $? 0
is "scan: something left" "$(grep -c '"effect":"send"' effects | sed 's/^[1-9].*/some/')" some
is "scan: the names do leave in effects" "$(grep -c Quillname1[^0-9] effects | sed 's/^[1-9].*/some/')" some
scan "FILE tells nobody" d.db d.db-lock run.out run.err
"$promo" backup --db d.db --to b.db >backup.out 2>backup.err
"$promo" doctor --db d.db >doctor.out 2>doctor.err
is "scan: the doctor" $? 0
"$promo" audit show --db d.db >audit.out 2>&1
"$promo" report --db d.db >report.out 2>report.err
"$promo" liability --db d.db >liability.out 2>liability.err
scan "nor do copies, reports and logs" b.db backup.out backup.err doctor.out doctor.err audit.out report.out report.err \
    liability.out liability.err
is "scan: FILE-keys tells ids" "$("$tools/scan_tool" planted d.db-keys | grep -c 'player-Quill' | sed 's/^[1-9].*/some/')" some
is "scan: and nothing else" "$("$tools/scan_tool" planted d.db-keys b.db-keys | grep -cv 'player-Quill')" 0
is "scan: none who was erased" "$("$tools/scan_tool" planted d.db-keys b.db-keys | grep -c 'player-Quill0050\|player-Quill0100')" 0

# In the middle of a run, and killed there: the write-ahead logs.
mkfifo pipe
"$promo" run --bundle "$campaign" --db k.db --events pipe --effects effects --outbox --checkpoint 100 --batch 50 >run.out 2>run.err &
running=$!
exec 7>pipe
cat events >&7
for _ in $(seq 1 100); do
    [ "$(rows k.db "SELECT count(*) > 5 FROM log" 2>/dev/null)" = 1 ] && break
    sleep 0.05
done
cp k.db-wal living-wal
scan "nor do the files of a run" k.db k.db-wal k.db-shm living-wal
kill -9 $running
wait $running 2>/dev/null
exec 7>&-
is "scan: a log was left" "$([ -s k.db-wal ] && echo left)" left
scan "nor do those of one that was killed" k.db k.db-wal k.db-shm run.out run.err
"$promo" run --db k.db --events events --effects effects >run.out 2>run.err
is "scan: goes on" "$? $(cat run.err)" "0 "
scan "nor after it went on" k.db
cd ..

# Who was told of by another player has effects before a record of his own: they go with him all the same, and with an exclusion.
mkdir -p told && cd told || exit 2
cat >told.promo <<'EOF'
workspace "Told"
  product   casino
  currency  EUR
  channel   inbox
  timezone  "UTC"
  use       events
  use       actions
end

attribute self_excluded  yes or no, otherwise no
attribute timed_out      yes or no, otherwise no
attribute harm_flagged   yes or no, otherwise no
attribute closed         yes or no, otherwise no
attribute referrer       optional text up to 64

event friend_joined
  field friend  text up to 64
end

message "thanks"
  about  casino
  inbox "en" "Thank you {player.id}"
end

campaign "Joined"
  currency  EUR
  start on registration
  enter once per player
  step "Tell"
    if player.referrer is known
      tell player.referrer friend_joined with friend "nobody", otherwise finish as "OWN"
    end
    finish as "DONE"
  end
end

campaign "Thanks"
  currency  EUR
  budget
    total  100 EUR
  end
  start on friend_joined
  enter every time
  offer cash "c"
    amount    5 EUR
    wagering  none
  end
  step "Thank"
    send inbox "thanks"
    credit "c", otherwise finish as "NO"
    finish as "THANKED"
  end
end
EOF
for i in 1 2 3; do
    echo "{\"kind\":\"attributes\",\"id\":\"a$i\",\"player\":\"p$i\",\"at\":\"2026-06-01T09:00:0${i}Z\",\"set\":{\"referrer\":\"told-Planted$i\"}}"
    echo "{\"id\":\"r$i\",\"event\":\"registered\",\"player\":\"p$i\",\"at\":\"2026-06-01T10:00:0${i}Z\",\"data\":{}}"
done >events
echo '{"kind":"tick","at":"2026-06-01T11:00:00Z"}' >>events
run --bundle told.promo --outbox --events events
is "told: queued" "$(rows d.db "SELECT count(*) FROM outbox WHERE state = 0")" 6
echo '{"id":"x1","event":"player.self_excluded","player":"told-Planted3","at":"2026-06-02T09:00:00Z","data":{}}' >excluded
run --events excluded
is "told: taken back from the excluded" "$(rows d.db "SELECT kind, count(*) FROM outbox WHERE state = 3 GROUP BY kind")" "0|1
1|1"
"$promo" erase --player told-Planted1 --by Vera --db d.db --at 2026-06-02T10:00:00Z >out 2>err
is "told: erase" $? 0
is "told: his rows go with him" "$(rows d.db "SELECT count(*) FROM outbox WHERE number = 0 AND body IS NOT NULL AND kind <> 6")" 4
cat >take.sh <<'EOF'
while IFS= read -r line; do
    echo "$line" >>got
    id=${line#*\"id\":\"}
    echo "{\"id\":\"${id%%\"*}\",\"outcome\":\"done\"}"
done
EOF
"$promo" deliver --db d.db --to 'sh take.sh' --time log --wait >out 2>err
is "told: nothing leaves for the erased" "$(grep -c Planted1 got)" 0
is "told: nor for the excluded" "$(grep -c Planted3 got)" 0
is "told: the other's does" "$(grep -c Planted2 got)" 2
is "told: rows that are left: the credit of the one who is still there" "$(rows d.db "SELECT kind, state, count(*) FROM outbox WHERE number = 0 AND body IS NOT NULL AND kind <> 6 GROUP BY kind, state")" "1|1|1"
"$promo" doctor --db d.db >out 2>err
is "told: doctor" $? 0
cd ..
# shellcheck source=/dev/null
. "$parts/retain.sh"

echo "privacy: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
