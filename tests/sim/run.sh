#!/usr/bin/env bash
# asan: no
# Lives of a whole system by a seed, with kills and faults, judged by an accountant of its own; then mistakes that are planted must be seen.
# SEED=n takes other lives, TIME=s takes longer (seconds); `make sim` is the same for longer, and STEPS=n one life, judged after every step.
set -u
cd "$(dirname "$0")/../.."
out=${OUT:-build}
seed=${SEED:-1}
if [ -n "${STEPS:-}" ]; then
  exec "$out/tests/sim_tool" --life "$seed" "$STEPS"
fi
exec "$out/tests/sim_tool" "$seed" "${TIME:-30}"
