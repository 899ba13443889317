#!/usr/bin/env bash
# Golden tests of messages: NAME.promo is checked, its messages must be NAME.expected, byte for byte.
# E01xx and W01xx (reading a file) are parsed alone; later numbers go through `promo check`, compared with the version
# before where there is a NAME.before.
#
#   tests/diagnostics/run.sh            compare
#   tests/diagnostics/run.sh --bless    rewrite what differs; the difference is what to review
#   tests/diagnostics/run.sh E0122      only names that begin so (may follow --bless)
#
# check: yes
# asan: yes
set -u
cd "$(dirname "$0")" || exit 2
root=../..
out=$root/${OUT:-build}
promo=$root/${PROMO:-${OUT:-build}/promo}
tool=$out/tests/parse_tool
bless=no
if [ "${1:-}" = "--bless" ]; then bless=yes; shift; fi
only=${1:-}
passed=0
failed=0
actual=$(mktemp)
earlier=$(mktemp --suffix=.promo)
trap 'rm -f "$actual" "$earlier"' EXIT

for file in "$only"*.promo; do
  [ -e "$file" ] || continue
  case "$file" in
  E01* | W01*)
    mode=check
    case "$file" in *_as_json.promo) mode=json ;; *_as_sarif.promo) mode=sarif ;; *_as_colour.promo) mode=colour ;; esac
    "$tool" $mode "$file" >"$actual" 2>&1
    ;;
  *)
    before=${file%.promo}.before
    if [ -e "$before" ]; then
      cp "$before" "$earlier"
      "$promo" check --against "$earlier" "$file" >"$actual" 2>&1
    else
      "$promo" check "$file" >"$actual" 2>&1
    fi
    ;;
  esac
  status=$?
  expected=${file%.promo}.expected
  if [ "$status" -gt 1 ]; then
    echo "$file: ended with status $status"
    failed=$((failed + 1))
  elif cmp -s "$actual" "$expected"; then
    passed=$((passed + 1))
  elif [ "$bless" = yes ]; then
    cp "$actual" "$expected"
    echo "$expected: written"
    passed=$((passed + 1))
  else
    echo "$file: other messages than in $expected"
    diff "$expected" "$actual" | head -n 20
    failed=$((failed + 1))
  fi
done
echo "diagnostics: $passed passed, $failed failed"
[ "$failed" = 0 ]
