#!/usr/bin/env bash
# check: yes
# asan: yes
#
# Explanations, word for word: NAME.promo is run with NAME.ndjson into a database, and each player of its first line, `# explain: ann, ben`,
# is explained; the whole must be NAME.expected. As JSON it must be well-formed and hold as many conditions.
# With --bless what is said now becomes what is expected; review the difference. Ends with `explain: N passed, N failed`.
set -u
cd "$(dirname "$0")/../.." || exit 2
promo=$(realpath "${PROMO:-build/promo}")
tools=$(realpath "${OUT:-build}")/tests
folder=$PWD/tests/explain
bless=no
[ "${1:-}" = --bless ] && bless=yes
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

if [ ! -x "$promo" ]; then
    echo "tests/explain/run.sh: $promo is not built" >&2
    exit 2
fi

check() { # NAME COMMAND…
    local name=$1
    shift
    if "$@" >"$work/output" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED $name: $*"
        sed 's/^/    /' "$work/output" | head -60
    fi
}

cd "$folder" || exit 2
for source in *.promo; do
    name=${source%.promo}
    players=$(sed -n '1s/^# explain: //p' "$source" | tr -d ' ' | tr ',' ' ')
    check "$name" test -n "$players"
    check "$name runs" "$promo" run --bundle "$source" --events "$name.ndjson" --db "$work/$name.db"
    : >"$work/$name.said"
    for player in $players; do
        "$promo" explain --db "$work/$name.db" --player "$player" >>"$work/$name.said" 2>&1
        "$promo" explain --db "$work/$name.db" --player "$player" --json >"$work/json" 2>&1
        check "$name: $player as JSON" sh -c "'$tools/json_tool' <'$work/json'"
        check "$name: $player as JSON" sh -c "test \"\$('$tools/json_tool' player <'$work/json')\" = '$player'"
    done
    [ $bless = no ] || cp "$work/$name.said" "$name.expected"
    check "$name" diff "$name.expected" "$work/$name.said"
done

echo "explain: $passed passed, $failed failed"
[ $failed = 0 ]
