#!/usr/bin/env bash
# Gives each fuzz target its kept inputs, without libFuzzer: all of tests/fuzz/regressions/NAME/ (what once failed, one file each) and
# tests/fuzz/corpus/NAME.pack.gz (under sanitizers each fourth input of it). So every build tries them, gcc's too.
# check: yes
# asan: yes
set -u
cd "$(dirname "$0")/../.." || exit 2
OUT=${OUT:-build}
stride=1
case "$OUT" in *asan*) stride=4 ;; esac
passed=0
failed=0
logs=build/test-logs/replay
mkdir -p "$logs"
for source in tests/*/*_fuzz.c; do
  name=$(basename "$source" _fuzz.c)
  program=$OUT/tests/${name}_fuzz
  paths=()
  if [ -d "tests/fuzz/regressions/$name" ]; then paths+=("tests/fuzz/regressions/$name"); fi
  if [ -f "tests/fuzz/corpus/$name.pack.gz" ]; then
    gzip -dc "tests/fuzz/corpus/$name.pack.gz" >"$logs/$name.pack" && paths+=("$logs/$name.pack")
  fi
  if [ ${#paths[@]} = 0 ] || [ ! -x "$program" ]; then
    echo "replay: $name has no kept inputs, or $program is not built"
    failed=$((failed + 1))
    continue
  fi
  if "$program" --stride="$stride" "${paths[@]}" >"$logs/$name.log" 2>&1; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    tail -n 20 "$logs/$name.log"
    echo "replay: $name failed; which input: $program --verbose ${paths[*]}"
  fi
done
echo "replay: $passed passed, $failed failed"
[ "$failed" = 0 ]
