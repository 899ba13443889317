#!/usr/bin/env bash
# What files are read as, and their canonical form.
#
#   NAME.promo         its tree must be NAME.tree
#   NAME.format.promo  its canonical form must be NAME.format.expected
#   NAME.explicit.promo  with its defaults written out it must be NAME.explicit.expected
#   every .promo file of the project that parses: formatting keeps the tree, formatting twice changes nothing
#
# tests/language/run.sh --bless rewrites what differs; the difference is what to review.
# check: yes
# asan: yes
set -u
cd "$(dirname "$0")/../.." || exit 2
tool=${OUT:-build}/tests/parse_tool
bless=${1:-}
passed=0
failed=0
actual=$(mktemp)
trap 'rm -f "$actual"' EXIT

compare() { # FILE EXPECTED
  if cmp -s "$actual" "$2"; then
    passed=$((passed + 1))
  elif [ "$bless" = "--bless" ]; then
    cp "$actual" "$2"
    echo "$2: written"
    passed=$((passed + 1))
  else
    echo "$1: not as in $2"
    diff "$2" "$actual" | head -n 20
    failed=$((failed + 1))
  fi
}

for file in tests/language/*.promo; do
  case "$file" in
  *.format.promo)
    "$tool" format "$file" >"$actual" 2>&1
    compare "$file" "${file%.promo}.expected"
    ;;
  *.explicit.promo)
    "$tool" explicit "$file" >"$actual" 2>&1
    compare "$file" "${file%.promo}.expected"
    ;;
  *)
    if "$tool" tree "$file" >"$actual"; then
      compare "$file" "${file%.promo}.tree"
    else
      "$tool" check "$file"
      failed=$((failed + 1))
    fi
    ;;
  esac
done

for file in tests/language/*.promo stdlib/*.promo examples/*/*.promo; do
  [ -e "$file" ] || continue
  if "$tool" roundtrip "$file" >"$actual" 2>&1; then
    passed=$((passed + 1))
  else
    cat "$actual"
    failed=$((failed + 1))
  fi
done
echo "language: $passed passed, $failed failed"
[ "$failed" = 0 ]
