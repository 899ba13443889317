#!/usr/bin/env bash
# Runs every folder of examples/: check, test, build twice (identical bytes), run its events, compare the effects with the expected ones.
#
# With --bless the effects of this run become the expected ones; review the difference. A folder with a convert.sh gets its events from that
# program, and its expected effects are kept as a hash and a count (expected-effects.sum): they are large. A folder with bad lines in its events
# has the messages about them in expected-rejected.txt, and its run ends with status 1. One with an identity.key is run with it.
# Prints `examples: N passed, N failed` last.
set -u
cd "$(dirname "$0")/../.." || exit 2
promo=${PROMO:-build/promo}
out=build/tests/examples
tools=${OUT:-build}/tests
bless=no
[ "${1:-}" = --bless ] && bless=yes
passed=0
failed=0

if ! command -v "$promo" >/dev/null; then
    echo "tests/examples/run.sh: $promo is not built" >&2
    exit 2
fi

# expect NAME COMMAND…: counts it, and shows what it said if it failed.
expect() {
    local name=$1
    shift
    if "$@" >"$work/output" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED $name: $*"
        sed 's/^/    /' "$work/output" | head -40
    fi
}

same_as_expected() {
    if [ -x "$folder/convert.sh" ]; then
        printf '%s  %s effects\n' "$(sha256sum <"$work/effects.ndjson" | cut -d' ' -f1)" "$(wc -l <"$work/effects.ndjson")" >"$work/effects.sum"
        [ $bless = no ] || cp "$work/effects.sum" "$folder/expected-effects.sum"
        diff "$folder/expected-effects.sum" "$work/effects.sum"
    else
        [ $bless = no ] || cp "$work/effects.ndjson" "$folder/expected-effects.ndjson"
        diff "$folder/expected-effects.ndjson" "$work/effects.ndjson"
    fi
}

# Folds the events; what is said about bad lines must be what is expected.
fold() {
    local key=()
    [ ! -f "$folder/identity.key" ] || key=(--identity-key "$folder/identity.key")
    "$promo" run --bundle "$work/bundle.pbc" --events "$events" --effects "$work/effects.ndjson" "${key[@]}" >"$work/summary.txt" 2>"$work/rejected.txt"
    local status=$?
    if [ -f "$folder/expected-rejected.txt" ]; then
        [ $bless = no ] || cp "$work/rejected.txt" "$folder/expected-rejected.txt"
        diff "$folder/expected-rejected.txt" "$work/rejected.txt" && [ $status -eq 1 ]
    else
        cat "$work/rejected.txt"
        [ $status -eq 0 ] && [ ! -s "$work/rejected.txt" ]
    fi
}

# The loyalty programme of cdnow, followed a second time without language and engine (cdnow_tool.c): as many credits, and as much money.
as_worked_out() {
    "$tools/cdnow_tool" <"$events" >"$work/worked-out.tsv" || return 1
    awk '
        function text(line, key) { sub(".*\"" key "\":\"", "", line); sub(/".*/, "", line); return line }
        /^\{"effect":"credit"/ && /"cost":"/ {
            campaign = text($0, "campaign"); cost = text($0, "cost"); sub(/ .*/, "", cost)
            count[campaign]++; cents[campaign] += int(cost * 100 + 0.5)
        }
        END { for (campaign in count) printf "%s\t%d\t%.2f\n", campaign, count[campaign], cents[campaign] / 100 }
    ' "$work/effects.ndjson" | sort >"$work/made.tsv"
    sort "$work/worked-out.tsv" | diff - "$work/made.tsv"
}

# Two builds of one example must be the same bytes.
reproducible() {
    "$promo" build "$folder" -o "$work/again.pbc" && cmp "$work/bundle.pbc" "$work/again.pbc"
}

for folder in examples/*/; do
    folder=${folder%/}
    name=$(basename "$folder")
    work=$out/$name
    rm -rf "$work"
    mkdir -p "$work"
    events=$folder/events.ndjson
    if [ -x "$folder/convert.sh" ]; then
        events=$work/events.ndjson
        "$folder/convert.sh" >"$events"
    fi
    expect "$name: check" "$promo" check --deny-warnings "$folder"
    expect "$name: canonical form" "$promo" fmt --check "$folder"
    expect "$name: test" "$promo" test "$folder"
    expect "$name: build" "$promo" build "$folder" -o "$work/bundle.pbc"
    expect "$name: build again" reproducible
    expect "$name: run" fold
    expect "$name: effects" same_as_expected
    if [ "$name" = cdnow ]; then expect "$name: worked out a second time" as_worked_out; fi
done

echo "examples: $passed passed, $failed failed"
[ $failed -eq 0 ]
