#!/usr/bin/env bash
# What `promo cost` says of NAME.promo must be NAME.expected, byte for byte.
#
#   tests/cost/run.sh            compare
#   tests/cost/run.sh --bless    rewrite what differs; the difference is what to review
#
# check: yes
set -u
cd "$(dirname "$0")" || exit 2
root=../..
promo=$root/${PROMO:-${OUT:-build}/promo}
passed=0
failed=0
actual=$(mktemp)
trap 'rm -f "$actual"' EXIT

for file in *.promo; do
  "$promo" cost "$file" >"$actual" 2>&1
  if [ "${1:-}" = "--bless" ]; then cp "$actual" "${file%.promo}.expected"; fi
  if diff -u "${file%.promo}.expected" "$actual"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
done

# For machines: a number for each bound, null where there is none, and what bounds it.
json=$("$promo" cost --json bounds.promo)
want='{"campaign":"Few players","journey":"450 EUR","player":"450 EUR","player_by":"entries","in_all":"500,000 EUR","in_all_by":"total_budget","run":null,"run_by":"none"}'
if [[ "$json" == *"$want"* ]]; then passed=$((passed + 1)); else echo "unexpected: $json"; failed=$((failed + 1)); fi
if "$promo" cost does-not-exist.promo >"$actual" 2>&1; then echo "a missing file passed"; failed=$((failed + 1)); else passed=$((passed + 1)); fi

echo "cost: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
