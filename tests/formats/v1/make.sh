#!/usr/bin/env bash
# Makes the files of this folder. They were made once, by the program at commit 47e175f (format 1), and stay as they are: what they hold is what a later
# program must still read. Another format gets a folder of its own, made in the same way by the last program that wrote it.
#
#   NAME.pbc.gz              the bundle
#   NAME.db.gz  .db-keys.gz  a database in the middle of things: its checkpoint stands at 3/4 of the events before, the rest is in the log alone
#   NAME.after.ndjson        the events that are still to come
#   NAME.effects             every effect that left until the database was left
#   NAME.effects-after       every effect that the same program makes of the database and the events after, the tail's again among them
#   NAME.books               its ledger and budgets when that run ended
#
# Use: PROMO=program of the format, tests/formats/v1/make.sh OUT
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=$1
mkdir -p "$out"
cd "$out"
make() { # name, campaigns, events before, events after
    local name=$1 source=$2 before=$3 after=$4
    "$PROMO" build "$source" -o "$name.pbc"
    local count
    count=$(($(wc -l <"$before") * 3 / 4))
    rm -f "$name".db*
    "$PROMO" run --bundle "$name.pbc" --db "$name.db" --effects "$name.effects" --events <(head -n "$count" "$before") >"$name.log"
    "$PROMO" run --bundle "$name.pbc" --db "$name.db" --effects "$name.effects" --events <(tail -n +$((count + 1)) "$before") --open >"$name.log"
    gzip -9nk "$name.pbc" "$name.db" "$name.db-keys"
    cp "$after" "$name.after.ndjson"
    "$PROMO" run --bundle "$name.pbc" --db "$name.db" --effects "$name.effects-after" --events "$after" >"$name.log"
    OUT=$here/../../../build "$here/../books.sh" "$name.db" >"$name.books"
    rm -f "$name.pbc" "$name.db" "$name".db-{keys,lock,wal,shm} "$name.log"
}
events=$here/../../../examples/c02-ladder/events.ndjson
half=$(($(wc -l <"$events") * 6 / 10))
make casino "$here" "$here/before.ndjson" "$here/after.ndjson"
head -n "$half" "$events" >ladder.before
tail -n +$((half + 1)) "$events" >ladder.after
make ladder "$here/../../../examples/c02-ladder" ladder.before ladder.after
rm -f ladder.before ladder.after
