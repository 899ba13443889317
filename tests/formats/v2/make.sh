#!/usr/bin/env bash
# Makes the files of this folder. They were made once, by the program of format 2 and checkpoint version 18, and stay as they are: what they hold is what a
# later program must still read, without the log, because the base of each has moved. See ../v1/make.sh for the files (NAME.effects is not kept); beside them
#
#   NAME.trust      who may sign its bundle (casino: the database keeps the rule)
#
# Each begins with some events; then somebody is erased (house: retention takes what is old); a second run replaces blobs of the base; the rest is in the log
# alone, with an outbox in which all waits.
#
#   casino   waits, reservations, uploaded codes, a question, a signed bundle, who is suppressed, orders of an operator in the audit log
#   house    a tournament that goes on, with its board; gift cards and holds at a till; missions with points and badges
#
# Use: PROMO=program of the format, tests/formats/v2/make.sh OUT
set -eu
here=$(cd "$(dirname "$0")" && pwd)
examples=$here/../../../examples
mkdir -p "$1"
cd "$1"
make() { # name, campaigns, events, lines until somebody is erased, until the last checkpoint, until it is left, who (-: nobody, what is old goes), options
    local name=$1 source=$2 events=$3 half=$4 most=$5 lines=$6 who=$7
    shift 7
    "$PROMO" build "$source" ${SIGN:+--sign "$SIGN"} -o "$name.pbc"
    rm -f "$name".db* "$name".effects*
    run() { "$PROMO" run ${SIGN:+--trust "$name.trust"} --db "$name.db" --effects "$name.effects" --events "$@" >"$name.log"; }
    run <(head -n "$half" "$events") --outbox --bundle "$name.pbc" "$@"
    local at
    at=$(sed -n "${half}s/.*\"at\":\"\([^\"]*\)\".*/\1/p" "$events")
    if [ "$who" = - ]; then
        "$PROMO" retain --db "$name.db" "$@" >"$name.log"
    else
        "$PROMO" suppress --player somebody-else --by Vera --at "$at" --db "$name.db" "$@" >"$name.log"
        "$PROMO" erase --player "$who" --by Vera --at "$at" --db "$name.db" --effects "$name.effects" "$@" >"$name.log"
    fi
    run <(sed -n "$((half + 1)),${most}p" "$events") "$@"
    run <(sed -n "$((most + 1)),${lines}p" "$events") --open "$@"
    gzip -9nk "$name.pbc" "$name.db" "$name.db-keys"
    tail -n +$((lines + 1)) "$events" >"$name.after.ndjson"
    "$PROMO" run --bundle "$name.pbc" ${SIGN:+--trust "$name.trust"} --db "$name.db" --effects "$name.effects-after" --events "$name.after.ndjson" "$@" >"$name.log"
    OUT=$here/../../../build "$here/../books.sh" "$name.db" >"$name.books"
    rm -f "$name.pbc" "$name.db" "$name".db-{keys,lock,wal,shm} "$name.log"
}
grep -v '"erase"' "$here/../v1/before.ndjson" | cat - "$here/../v1/after.ndjson" >casino.events
"$PROMO" key new anna -o anna.key >casino.trust
SIGN=anna.key make casino "$here/../v1/casino.promo" casino.events 27 32 35 p4
mkdir house.source
sed '/currency /s/EUR.*/EUR/; /use  *\(holidays\|metrics\|segments\)/d; s/^  lateness.*/  lateness   1 day/; s/^  retention.*/  retention  10 days/' "$here/../../../stdlib/workspace.promo" >house.source/workspace.promo
cp "$examples"/c04-rake-race/race.promo "$examples"/c07-gift-card/gift-card.promo "$examples"/c09-mission/mission.promo house.source/
sed -i "/^workspace/,/^end/d" house.source/race.promo
for example in c04-rake-race c07-gift-card c09-mission; do sed "s/\"id\":\"/&$example-/" "$examples/$example/events.ndjson"; done |
    sed 's/^.*"at":"\([^"]*\)".*$/\1 &/' | sort -s -k1,1 | cut -d ' ' -f 2- >house.events
make house house.source house.events 315 345 365 -
rm -rf *.effects casino.events house.events anna.key house.source
