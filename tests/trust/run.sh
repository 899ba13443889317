#!/usr/bin/env bash
# check: yes
#
# Signed bundles and the audit log through the program: keys, trust files, what is refused and what goes on, who is named for what.
# What single bytes do is tried in tests/unit/trust_test.c and audit_test.c. promise S4 S5 S6 S1
# Ends with `trust: N passed, N failed`.
set -u
cd "$(dirname "$0")/../.." || exit 2

promo=$(realpath "${PROMO:-build/promo}")
rows=$(realpath "${OUT:-build}")/tests/rows_tool
hello=$(realpath examples/hello)
exclusion=$(realpath examples/c11-self-exclusion)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C.UTF-8 USER=tester NO_COLOR=1
passed=0
failed=0
cd "$work" || exit 2

ok() { passed=$((passed + 1)); }
no() {
    failed=$((failed + 1))
    echo "FAILED $*"
    sed 's/^/    /' out err 2>/dev/null | head -12
}

# expect STATUS ARGUMENT…
expect() {
    local wanted=$1
    shift
    "$promo" "$@" >out 2>err
    local status=$?
    if [ $status = "$wanted" ]; then ok; else no "promo $*: exit status $status, not $wanted"; fi
}
says() { if grep -qF -- "$1" out err; then ok; else no "nothing says: $1"; fi; }
quiet() { if grep -qF -- "$1" out err; then no "something says: $1"; else ok; fi; }
# has FILE QUERY ROWS
has() {
    local found
    found=$("$rows" "$1" "$2" 2>&1)
    if [ "$found" = "$3" ]; then ok; else no "$2: $found, not $3"; fi
}

# Events of the example, and later ones that only come after the refusal.
events=$hello/events.ndjson
later() { sed -e "s/\"id\":\"/\"id\":\"$1-/" -e "s/\"player\":\"/\"player\":\"$1-/" -e "s/2026-/2027-/g" "$events"; }

# ------------------------------------------------------------ keys
expect 0 key new anna
[ "$(stat -c %a anna.key)" = 600 ] && ok || no "the secret is not for its owner alone"
cp out anna.pub
expect 0 key show anna.key
cmp -s out anna.pub && ok || no "the line is another one"
expect 2 key new anna
says 'never written over'
expect 0 key new ben -o b.key --from 2026-01-01 --until 2099-12-31
says 'from 2026-01-01 until 2099-12-31'
cp out ben.pub
expect 0 key new eve
cp out eve.pub
expect 2 key new 'a b'
expect 2 key new x --from yesterday
expect 2 key show anna.pub
says 'this is a public key'
chmod 644 eve.key
expect 0 key show eve.key
says 'others may read'
expect 2 key
expect 2 key new
cat anna.pub ben.pub >trust

# ------------------------------------------------------------ building and verifying
expect 0 build "$hello" -o plain.pbc
expect 0 build "$hello" -o anna.pbc --sign anna.key
expect 0 build "$hello" -o again.pbc --sign anna.key
cmp -s anna.pbc again.pbc && ok || no "the same source and key give other bytes"
expect 0 build "$hello" -o ben.pbc --sign b.key
expect 0 build "$hello" -o eve.pbc --sign eve.key
expect 2 build "$hello" -o none.pbc --sign anna.pub
[ ! -e none.pbc ] && ok || no "a bundle was written without its signature"
expect 0 verify anna.pbc
says 'says that key'
expect 0 verify --trust trust anna.pbc ben.pbc
says 'signed by "anna"'
says 'signed by "ben"'
expect 1 verify --trust trust plain.pbc
says 'is not signed'
expect 1 verify --trust trust eve.pbc
says 'is not in the trust file'
expect 2 verify --trust nowhere anna.pbc
expect 2 verify --trust anna.key anna.pbc
says 'this is a secret key'
quiet "$(cut -d' ' -f4 anna.key)"

# ------------------------------------------------------------ running
expect 0 run --bundle anna.pbc --events "$events" --trust trust
expect 1 run --bundle eve.pbc --events "$events" --trust trust
expect 1 run --bundle eve.pbc --events "$events" --trust trust --db new.db
says 'the bundle is refused'
has new.db "SELECT count(*) FROM log" 0
expect 0 run --bundle anna.pbc --events "$events" --trust trust --db a.db --by anna
quiet 'is refused'
good=$("$rows" a.db "SELECT subject FROM audit WHERE action = 'activate'")

# A refused bundle: the last good program goes on, and events keep flowing.
n=0
for bundle in plain eve; do
    n=$((n + 1))
    later $n >later.ndjson
    expect 1 run --bundle $bundle.pbc --events later.ndjson --trust trust --db a.db --effects effects --by mallory
    says 'the program that is active goes on'
    says 'records folded'
    [ -s effects ] && ok || no "nothing left for the events that came with a refused bundle"
    rm -f effects
done
later 3 >later.ndjson
head -c 5000 anna.pbc >cut.pbc
expect 1 run --bundle cut.pbc --events later.ndjson --trust trust --db a.db
says 'the program that is active goes on'
# Another signature's bytes.
{ head -c -64 anna.pbc; tail -c 64 ben.pbc; } >mixed.pbc
expect 1 run --bundle mixed.pbc --events /dev/null --trust trust --db a.db
says 'are not those that "anna"'
# Revoked; out of its days.
{ cat trust; echo "promo-revoked $(cut -d' ' -f3 ben.pub)"; } >revoked
expect 1 run --bundle ben.pbc --events /dev/null --trust revoked --db a.db
says 'is revoked'
sed 's/$/ until 2020-12-31/' anna.pub >past
expect 1 run --bundle anna.pbc --events /dev/null --trust past --db a.db
says 'counts until 2020-12-31'
expect 2 run --bundle anna.pbc --events /dev/null --trust plain.pbc --db a.db
says 'the trust file'
has a.db "SELECT count(*) FROM audit WHERE action = 'refuse_program'" 6
has a.db "SELECT DISTINCT who FROM audit WHERE action = 'refuse_program' AND position = 0 AND detail LIKE '%not in the trust%'" mallory
has a.db "SELECT count(*) FROM audit WHERE action = 'activate'" 1

# Who forgets the trust file opens no door.
expect 1 run --bundle plain.pbc --events /dev/null --db a.db
says 'takes signed bundles only'
expect 0 run --bundle anna.pbc --events /dev/null --db a.db # the one that is active
# Another key, then back by an order that is checked as well.
later 4 >later.ndjson
expect 0 run --bundle ben.pbc --events later.ndjson --trust trust --db a.db --by ben
expect 1 command roll_back --db a.db
says 'takes signed bundles only'
quiet 'is active again'
expect 0 command roll_back --db a.db --trust trust --by carl
says 'is active again'
has a.db "SELECT who FROM audit WHERE action = 'activate' ORDER BY seq" "anna
ben
carl"
has a.db "SELECT count(*) FROM audit WHERE action = 'activate' AND subject = '$good'" 2
expect 0 run --bundle plain.pbc --events /dev/null --db a.db --unsigned --by dora
has a.db "SELECT who FROM audit WHERE action = 'trust_off'" dora
later 5 >later.ndjson
expect 0 run --bundle plain.pbc --events later.ndjson --db a.db
has a.db "SELECT count(*) FROM audit WHERE action = 'activate' AND detail LIKE '%, unsigned'" 1
expect 0 audit verify --db a.db

# ------------------------------------------------------------ the audit log
expect 0 run --bundle "$exclusion" --events "$exclusion/events.ndjson" --db x.db
exclusions=$("$rows" x.db "SELECT count(*) FROM audit WHERE action = 'responsible_gaming'")
[ "$exclusions" -gt 0 ] && ok || no "no exclusion stands in the audit log"
expect 0 run --events "$exclusion/events.ndjson" --db x.db # all of it again
has x.db "SELECT count(*) FROM audit WHERE action = 'responsible_gaming'" "$exclusions"
campaign=$(grep -ho '^campaign "[^"]*"' "$exclusion"/*.promo | head -1 | cut -d'"' -f2)
expect 0 command suspend "$campaign" --db x.db
expect 0 command resume "$campaign" --db x.db --by 'Ünïcode operator'
expect 2 command end "$campaign" --db x.db --by ''
has x.db "SELECT who || ' ' || action FROM audit WHERE action IN ('suspend', 'resume') ORDER BY seq" "tester suspend
Ünïcode operator resume"
player=$(grep -o '"player":"[^"]*"' "$exclusion/events.ndjson" | head -1 | cut -d'"' -f4)
printf '{"kind":"erase","id":"forget-1","player":"%s","at":"2027-01-01T00:00:00Z","by":"dpo"}\n' "$player" >erase.ndjson
expect 0 run --events erase.ndjson --db x.db
has x.db "SELECT who FROM audit WHERE action = 'erase' AND who <> '' AND subject LIKE 'player %'" dpo
expect 0 audit show --db x.db
quiet "\"$player\""
quiet " $player "
says 'Ünïcode operator'
expect 0 audit show --db x.db --since 2026-12-31 --json
says '"who":"dpo"'
quiet '"action":"responsible_gaming"'
expect 0 audit verify --db x.db
says 'each as it was written'
head=$(sed -n 's/^head //p' out)
expect 0 command suspend "$campaign" --db x.db
expect 0 audit verify --db x.db --head "$head"
says 'the noted head is row'
expect 1 audit verify --db x.db --head "$(printf 'ab%.0s' {1..32})"
says 'no row has the noted head'
expect 2 audit verify --db x.db --head abc
expect 2 audit verify --db x.db --since 2026-01-01
expect 2 audit show --db x.db --since yesterday
expect 2 audit show
expect 2 audit look --db x.db
expect 2 audit show --db nowhere.db

expect 0 audit keep 400 --db x.db --by anna
has x.db "SELECT who || ' ' || detail FROM audit WHERE action = 'keep_audit'" 'anna 400 days'
expect 2 audit keep 365 --db x.db
says '366 to 36600'
expect 2 audit keep --db x.db
expect 2 audit keep 400 --db nowhere.db
expect 0 audit keep ever --db x.db
expect 0 audit verify --db x.db

# ------------------------------------------------------------ inputs that are too large (promise I20)
big() { truncate -s "$2" "$1"; }
big big.pbc 67108865
big big.promo 67108865
big big.trust 262145
big big.key 70000
expect 2 verify big.pbc
says 'more than 67108864 bytes'
expect 2 run --bundle big.pbc --events /dev/null
says 'more than 67108864 bytes'
expect 2 check big.promo
says 'more than 67108864 bytes'
expect 2 check - <big.promo
says 'more than 67108864 bytes'
expect 2 verify --trust big.trust anna.pbc
says 'more than 262144 bytes'
expect 2 run --bundle anna.pbc --events /dev/null --trust big.trust
says 'more than 262144 bytes'
expect 2 build "$hello" -o x.pbc --sign big.trust
says 'more than 262144 bytes'
expect 2 run --bundle anna.pbc --events /dev/null --identity-key big.key
says 'more than 65536 bytes'
head -c 31 /dev/zero >short.key
expect 2 run --bundle anna.pbc --events /dev/null --identity-key short.key
says 'exactly 32'
{ printf 'campaign "x"\n'; head -c 1048576 /dev/zero | tr '\0' '#'; } >long.promo
expect 2 check long.promo
says "a file may have 1048576"
head -c 65537 /dev/zero | tr '\0' 'x' >line
expect 1 run --bundle anna.pbc --events line
says 'longer than 65536 bytes'

echo "trust: $passed passed, $failed failed"
[ $failed = 0 ]
