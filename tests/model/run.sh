#!/usr/bin/env bash
# asan: yes
# The engine against the model, story by story. The model's own tests are build/tests/model_test.
# TIME=seconds runs longer (default 20), SEED=n starts elsewhere; a failure prints its replay.
set -u
seconds=${TIME:-20}
case "${OUT:-build}" in *asan*) seconds=${TIME:-10} ;; esac
exec "${OUT:-build}/tests/compare_tool" --seed "${SEED:-1}" --seconds "$seconds"
