#!/usr/bin/env bash
# The one runner of all tests: tests/run.sh all | check | unit | asan
#
# Unit tests are cmocka programs (build/tests/*_test). Every other kind is an executable tests/FOLDER/run.sh, which is
# started from the repository root with PROMO and OUT set, and ends with a line `NAME: N passed, N failed`.
# A script with a comment `# check: yes` is part of `make check`; one with `# asan: yes` is run again on the
# sanitizer build. The last line is the sum: `N passed, N failed`; the exit status is 1 when anything failed.
set -u
cd "$(dirname "$0")/.." || exit 2

unset MAKEFLAGS MFLAGS MAKELEVEL # makes started here are of their own
mode=${1:-all}
export OUT=${OUT:-build}
export PROMO=${PROMO:-$OUT/promo}
passed=0
failed=0
failures=""
logs=build/test-logs
jobs=${JOBS:-$(nproc 2>/dev/null || echo 1)}
mkdir -p "$logs"
: >"$logs/seconds"

# Adds to the sums; the name is remembered if something failed.
count() { # NAME PASSED FAILED
  passed=$((passed + $2))
  failed=$((failed + $3))
  if [ "$3" -gt 0 ]; then failures="$failures  $1: $3 failed"$'\n'; fi
}

# Runs FUNCTION for each ARGUMENT, as many at a time as there are cores (JOBS=n: others). A function says what it has to say when it
# ends, and leaves `NAME PASSED FAILED` in $logs/NUMBER.count; these are added up in the order of the arguments.
pool() { # FUNCTION ARGUMENT...
  local function=$1 number=0 name good bad
  shift
  rm -f "$logs"/*.count
  for argument in "$@"; do
    number=$((number + 1))
    while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do wait -n; done
    "$function" "$argument" "$logs/$number.count" &
  done
  wait
  pool_passed=0
  pool_failed=0
  for number in $(seq 1 "$number"); do
    name="job $number" good=0 bad=1
    if [ -s "$logs/$number.count" ]; then read -r name good bad <"$logs/$number.count"; fi
    count "$name" "$good" "$bad"
    pool_passed=$((pool_passed + good))
    pool_failed=$((pool_failed + bad))
  done
}

# A cmocka program: its closing lines say how many tests ran and passed. A crash is a failure.
run_unit() { # PROGRAM COUNT-FILE
  local name status ran good
  name=$(basename "$1")
  "$1" >"$logs/$name.log" 2>&1
  status=$?
  ran=$(sed -n 's/^\[==========\] \([0-9]*\) test(s) run\..*/\1/p' "$logs/$name.log" | awk '{ sum += $1 } END { print sum + 0 }')
  good=$(sed -n 's/^\[  PASSED  \] \([0-9]*\) test(s)\..*/\1/p' "$logs/$name.log" | awk '{ sum += $1 } END { print sum + 0 }')
  local bad=$((ran - good))
  if [ "$status" != 0 ] && [ "$bad" = 0 ]; then bad=1; fi
  if [ "$bad" -gt 0 ]; then
    grep -v '^\[ RUN \|^\[       OK ' "$logs/$name.log" | tail -n 40
    echo "$name: $good passed, $bad failed (exit status $status)"
  fi
  echo "$name $good $bad" >"$2"
}

run_units() { # LABEL
  local source programs=()
  for source in tests/*/*_test.c; do
    if [ -e "$source" ]; then programs+=("$OUT/tests/$(basename "$source" .c)"); fi
  done
  pool run_unit "${programs[@]}"
  echo "$1: $pool_passed passed, $pool_failed failed"
}

# Something that prints `NAME: N passed, N failed` last. LABEL=COMMAND, the command a word or several.
run_script() { # LABEL=COMMAND COUNT-FILE
  local label=${1%%=*} status line good bad begun
  begun=$(date +%s)
  # shellcheck disable=SC2086
  ${1#*=} >"$logs/$label.log" 2>&1
  status=$?
  line=$(grep -E ': [0-9]+ passed, [0-9]+ failed$' "$logs/$label.log" | tail -n 1)
  good=$(sed -n 's/.*: \([0-9]*\) passed, [0-9]* failed$/\1/p' <<<"$line")
  bad=$(sed -n 's/.*: [0-9]* passed, \([0-9]*\) failed$/\1/p' <<<"$line")
  {
    cat "$logs/$label.log"
    if [ -z "$line" ]; then
      echo "$label: 0 passed, 1 failed (it ended with status $status and no summary line)"
    elif [ "$status" != 0 ] && [ "$bad" = 0 ]; then
      echo "$label: ended with status $status"
    fi
  } >"$logs/$label.said"
  cat "$logs/$label.said"
  if [ -z "$line" ]; then good=0 bad=1; elif [ "$status" != 0 ] && [ "$bad" = 0 ]; then bad=1; fi
  echo "$label $good $bad" >"$2"
  printf '%5d s  %s\n' $(($(date +%s) - begun)) "$label" >>"$logs/seconds"
}

run_scripts() { # MARK ("" = all) LABEL-PREFIX
  local script list=()
  for script in tests/*/run.sh; do
    [ -x "$script" ] || continue
    case "$script" in tests/bench/run.sh) continue ;; esac
    if [ -n "$1" ] && ! grep -q "^# $1: yes" "$script"; then continue; fi
    list+=("$2$(basename "$(dirname "$script")")=$script")
  done
  if [ -z "$1" ]; then list+=("tidy=make --no-print-directory tidy"); fi
  pool run_script "${list[@]}"
}

# A build that must succeed counts as one test.
run_build() { # LABEL MAKE-ARGUMENTS...
  local label=$1
  shift
  if make --no-print-directory "$@" >"$logs/$label.log" 2>&1; then
    echo "$label: 1 passed, 0 failed"
    count "$label" 1 0
  else
    grep -E 'error|Error|warning' "$logs/$label.log" | head -n 20
    echo "$label: 0 passed, 1 failed (see $logs/$label.log)"
    count "$label" 0 1
    return 1
  fi
}

run_asan_share() {
  OUT=build/asan PROMO=build/asan/promo
  export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:allocator_may_return_null=1}
  run_units "asan units"
  run_scripts asan "asan-"
}

started=$(date +%s)
case "$mode" in
unit)
  run_units "units"
  ;;
check)
  run_units "units"
  run_scripts check ""
  ;;
asan)
  run_asan_share
  ;;
all)
  run_units "units"
  run_scripts "" ""
  run_build clang-build VARIANT=clang build tests tools
  if run_build asan-build VARIANT=asan build tests tools; then run_asan_share; fi
  ;;
*)
  echo "usage: tests/run.sh all|check|unit|asan" >&2
  exit 2
  ;;
esac

if [ -n "$failures" ]; then printf 'failures:\n%s' "$failures"; fi
sort -rn "$logs/seconds" | head -n 8
echo "took $(($(date +%s) - started)) seconds"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
