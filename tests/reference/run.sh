#!/usr/bin/env bash
# The virtual machine beside the reference evaluator (tests/reference/evaluator.h): generated projects and the examples, with lives by chance; every filter,
# activation, condition, value, deadline and end is compared. Then mistakes are planted in the evaluator, and each must be seen.
#
#   SEED=n       other projects and lives, the first of them of this seed: what DIFFERS says how to repeat
#   TIME=s       generated projects for so many seconds (make differ); otherwise some hundred
set -u
cd "$(dirname "$0")/../.." || exit 2
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

started=$(date +%s)
if [ -n "${TIME:-}" ]; then share="1000000 200 $TIME"; else share="320 110"; fi
# shellcheck disable=SC2086 # a number of projects, of lines and perhaps of seconds
if "$tool" generated "$seed" $share >"$work/generated.out" 2>&1; then good; else bad "generated projects"; fi
cat "$work/generated.out"

if "$tool" plants 1 120 120 >"$work/plants.out" 2>&1; then good; else bad "a planted mistake is not seen"; fi
cat "$work/plants.out"

for folder in examples/*/; do
  name=$(basename "$folder")
  if "$tool" files "$seed" 2 500 "$folder"*.promo >"$work/$name.out" 2>&1; then good; else bad "$name"; fi
  cat "$work/$name.out"
done

number() { sed -n "$1" "$work/generated.out" | head -n 1; } # a sed command that prints it
if [ -n "${TORTURE_LOG:-}" ]; then
  seconds=$(($(date +%s) - started))
  wrong=$(grep -c DIFFERS "$work"/*.out | awk -F: '{ sum += $2 } END { print sum }')
  measured() { printf 'evaluator\t%s\t%s\t%s\tseed %s\t%s\n' "$1" "$2" "$wrong" "$seed" "$seconds" >>"$TORTURE_LOG"; }
  measured "generated projects, lived by the machine and by the reference evaluator" "$(number 's/^projects: \([0-9]*\),.*/\1/p')"
  measured "filters compared" "$(number 's/.* \([0-9]*\) filters.*/\1/p')"
  measured "activations compared: effects, values, requests, waits, ends" "$(number 's/.* \([0-9]*\) activations.*/\1/p')"
  measured "conditions compared: whether they were judged, and how" "$(number 's/.* \([0-9]*\) conditions.*/\1/p')"
  measured "mistakes planted in the evaluator, all seen" "$(sed -n 's/^mistakes planted: \([0-9]*\),.*/\1/p' "$work/plants.out")"
fi

echo "reference: $passed passed, $failed failed"
[ "$failed" = 0 ]
