#!/usr/bin/env bash
# Builds every libFuzzer target (tests/FOLDER/NAME_fuzz.c) and runs each for SECONDS_EACH seconds: a short share in
# `make test`, longer by `make fuzz`. The first inputs are the files named by the patterns in NAME_fuzz.seeds, one a
# line, and a dictionary may stand in NAME_fuzz.dict. What is learnt is kept in build/fuzz/corpus/. An input that fails
# is written to build/fuzz/ and printed with the command that repeats it.
set -u
cd "$(dirname "$0")/../.."
seconds=${SECONDS_EACH:-6}
passed=0
failed=0
unset MAKEFLAGS MFLAGS MAKELEVEL

mkdir -p build/fuzz
if ! make --no-print-directory VARIANT=fuzz fuzzers >build/fuzz/build.log 2>&1; then
  grep -E 'error|undefined' build/fuzz/build.log | head -n 20
  echo "the fuzz targets do not build; see build/fuzz/build.log"
  failed=1
fi

for source in tests/*/*_fuzz.c; do
  [ -e "$source" ] || continue
  name=$(basename "$source" .c)
  program=build/fuzz/tests/$name
  [ -x "$program" ] || continue
  corpus=build/fuzz/corpus/$name
  first=build/fuzz/first/$name
  rm -rf "$first"
  mkdir -p "$corpus" "$first"
  options=(-max_total_time="$seconds" -timeout=10 -rss_limit_mb=4096 -verbosity=0 -artifact_prefix="build/fuzz/$name-")
  if [ -f "${source%.c}.seeds" ]; then
    number=0
    while read -r pattern; do
      for file in $pattern; do
        [ -f "$file" ] || continue
        number=$((number + 1))
        cp "$file" "$first/$number"
      done
    done <"${source%.c}.seeds"
  fi
  if [ -f "${source%.c}.dict" ]; then options+=(-dict="${source%.c}.dict"); fi
  if "$program" "${options[@]}" "$corpus" "$first" >"build/fuzz/$name.log" 2>&1; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    tail -n 30 "build/fuzz/$name.log"
    input=$(sed -n 's/.*Test unit written to \(.*\)$/\1/p' "build/fuzz/$name.log" | tail -n 1)
    echo "$name: failed; repeat it with: $program $input"
  fi
done
echo "fuzz: $passed passed, $failed failed"
[ "$failed" = 0 ]
