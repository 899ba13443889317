#!/usr/bin/env bash
# Runs every libFuzzer target for SECONDS_EACH (30) seconds: SECONDS_EACH=300 make fuzz. New inputs are kept in build/fuzz/corpus/;
# a crash is written beside it, and its name and the command that repeats it are printed.
set -u
cd "$(dirname "$0")/.."
seconds=${SECONDS_EACH:-30}
failed=0
passed=0
for source in tests/*/*_fuzz.c; do
  [ -e "$source" ] || continue
  name=$(basename "$source" .c)
  corpus=build/fuzz/corpus/$name
  mkdir -p "$corpus"
  seeds=$(dirname "$source")/corpus/$name
  [ -d "$seeds" ] || seeds=
  dictionary=$(dirname "$source")/$name.dict
  [ -f "$dictionary" ] || dictionary=
  echo "$name: fuzzing for $seconds seconds"
  # shellcheck disable=SC2086
  if build/fuzz/tests/"$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=4096 -print_final_stats=0 -verbosity=0 \
      ${dictionary:+-dict="$dictionary"} -artifact_prefix="build/fuzz/$name-" "$corpus" $seeds; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "$name: failed; repeat with: build/fuzz/tests/$name build/fuzz/$name-..."
  fi
done
echo "fuzz: $passed passed, $failed failed"
[ "$failed" = 0 ]
