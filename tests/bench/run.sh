#!/usr/bin/env bash
# Runs every benchmark and writes build/bench.tsv: metric, ours, peer, ratio, gate, met.
# Ratios are measured side by side in one run; absolute figures are this machine's and say little.
set -u
cd "$(dirname "$0")/../.." || exit 2
out=build/bench.tsv
printf 'metric\tours\tpeer\tratio\tgate\tmet\n' > "$out"
status=0
for bench in build/tests/*_bench; do
  [ -x "$bench" ] || continue
  echo "== $(basename "$bench")" >&2
  "$bench" | tee -a "$out" >&2 || status=1
done
echo
column -t -s "$(printf '\t')" "$out" 2>/dev/null || cat "$out"
if cut -f6 "$out" | grep -qx no; then
  echo "at least one gate was not met" >&2
  status=1
fi
exit $status
