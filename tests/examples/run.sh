#!/usr/bin/env bash
# Runs every folder of examples/: check, test, build twice (identical bytes), run its events, compare the effects with the expected ones.
#
# With --bless the effects of this run become the expected ones; review the difference. A folder with a convert.sh gets its events from that
# program, and its expected effects are kept as a hash and a count (expected-effects.sum): they are large.
# Prints `examples: N passed, N failed` last.
set -u
cd "$(dirname "$0")/../.."
promo=${PROMO:-build/promo}
out=build/tests/examples
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
    expect "$name: check" "$promo" check "$folder"
    expect "$name: canonical form" "$promo" fmt --check "$folder"
    expect "$name: test" "$promo" test "$folder"
    expect "$name: build" "$promo" build "$folder" -o "$work/bundle.pbc"
    expect "$name: build again" reproducible
    expect "$name: run" "$promo" run --bundle "$work/bundle.pbc" --events "$events" --effects "$work/effects.ndjson"
    cp "$work/output" "$work/summary.txt"
    expect "$name: effects" same_as_expected
done

echo "examples: $passed passed, $failed failed"
[ $failed -eq 0 ]
