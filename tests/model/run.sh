#!/usr/bin/env bash
# asan: yes
# The engine against the model, story by story, then again with one allocation after the other failing. The model's own
# tests are build/tests/model_test.
# TIME=seconds runs longer (default 20), SEED=n starts elsewhere; a failure prints its replay.
set -u
out=${OUT:-build}
seconds=${TIME:-20}
case "$out" in *asan*) seconds=${TIME:-10} ;; esac
log=$(mktemp "${TMPDIR:-/tmp}/promo-model.XXXXXX")
trap 'rm -f "$log"' EXIT
for mode in "" --memory; do
  # shellcheck disable=SC2086 # an empty mode is no argument
  "$out/tests/compare_tool" --seed "${SEED:-1}" --seconds "$([ -z "$mode" ] && echo "$seconds" || echo $((seconds / 3 + 1)))" $mode 2>&1 |
    sed 's/^model: /stories: /' | tee -a "$log"
done
# A run that broke off has no line of its own and counts as a failure.
sed -n 's/^stories: \([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$log" |
  awk '{ passed += $1; failed += $2 } END { if (NR < 2) failed++; printf "model: %d passed, %d failed\n", passed, failed; exit failed > 0 }'
