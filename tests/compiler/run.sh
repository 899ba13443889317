#!/usr/bin/env bash
# What the compiled code does: campaigns whose own tests tell every condition, formula, path and loop by its outcome.
#
# check: yes
# asan: yes
set -u
cd "$(dirname "$0")/../.." || exit 2
promo=${PROMO:-${OUT:-build}/promo}
passed=0
failed=0
for file in tests/compiler/*.promo; do
    output=$("$promo" test "$file" 2>&1)
    status=$?
    last=$(printf '%s\n' "$output" | tail -n 1)
    ok=$(printf '%s\n' "$last" | sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1/p')
    bad=$(printf '%s\n' "$last" | sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\2/p')
    passed=$((passed + ${ok:-0}))
    failed=$((failed + ${bad:-1}))
    if [ "$status" -ne 0 ]; then printf '%s\n' "$output" | grep -v '^ok' | head -n 40; fi
done
echo "compiler: $passed passed, $failed failed"
[ "$failed" = 0 ]
