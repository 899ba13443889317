#!/usr/bin/env bash
# The N-th allocation fails (tests/oom/oom_tool.c): a strided share of all N in SECONDS_OOM seconds (default 20), from an offset by SEED; all of them by
# `make oom` (TIME=seconds for as many as that allows). With OUT=build/asan under the sanitizers.
set -u
cd "$(dirname "$0")/../.." || exit 2
OUT=${OUT:-build}
seed=${SEED:-$(date +%s)}
options=(--seed="$seed")
if [ "${TIME:-}" != all ]; then options+=(--seconds="${TIME:-${SECONDS_OOM:-20}}"); fi
if "$OUT/tests/oom_tool" "${options[@]}"; then
  echo "oom: 1 passed, 0 failed"
else
  echo "oom: repeat it with: SEED=$seed tests/oom/run.sh"
  echo "oom: 0 passed, 1 failed"
  exit 1
fi
