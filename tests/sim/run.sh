#!/usr/bin/env bash
# asan: no
# promises D3, D7, F1, F2, F3, X2, B2
# Lives of a whole system by a seed, with kills and faults, judged by an accountant of its own; then mistakes that are planted must be seen.
# SEED=n takes other lives, TIME=s takes longer (seconds); `make sim` is the same for longer, and STEPS=n one life, judged after every step.
set -u
cd "$(dirname "$0")/../.." || exit 2
out=${OUT:-build}
seed=${SEED:-1}
if [ -n "${STEPS:-}" ]; then
  exec "$out/tests/sim_tool" --life "$seed" "$STEPS"
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/promo-sim.XXXXXX")
trap 'rm -rf "$work"' EXIT
failed=0
"$out/tests/sim_tool" "$seed" "${TIME:-25}" >"$work/out" || failed=1
grep -v '^sim: .* passed' "$work/out"
passed=$(sed -n 's/^sim: \([0-9]*\) passed.*/\1/p' "$work/out")
# Databases of an older format, taken up on the same disk.
for packed in tests/formats/v1/*.db.gz; do
  name=$(basename "$packed" .db.gz)
  gzip -dc "$packed" >"$work/$name.db"
  gzip -dc "tests/formats/v1/$name.db-keys.gz" >"$work/$name.db-keys"
  if "$out/tests/upgrade_tool" "$work/$name.db"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
done
echo "sim: $passed passed, $failed failed"
[ "$failed" = 0 ]
