#!/usr/bin/env bash
# The virtual machine beside the reference evaluator (tests/reference/evaluator.h): the examples, with lives by chance; every filter, activation, condition,
# value, deadline and end is compared.
#
#   SEED=n       other lives; what DIFFERS prints repeats it alone
#   TIME=s       so many seconds (make differ)
set -u
cd "$(dirname "$0")/../.."
out=${OUT:-build}
tool=$out/tests/differ_tool
seed=${SEED:-1}
work=$out/reference
rm -rf "$work"
mkdir -p "$work"
passed=0
failed=0
echo "SEED=$seed (replay: SEED=$seed tests/reference/run.sh)"

good() { passed=$((passed + 1)); }
bad() {
  failed=$((failed + 1))
  echo "reference: $1"
}

for folder in examples/*/; do
  name=$(basename "$folder")
  if "$tool" files "$seed" 2 500 "$folder"*.promo >"$work/$name.out" 2>&1; then good; else bad "$name"; fi
  cat "$work/$name.out"
done

echo "reference: $passed passed, $failed failed"
[ "$failed" = 0 ]
