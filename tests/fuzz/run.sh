#!/usr/bin/env bash
# Builds every fuzz target (tests/FOLDER/NAME_fuzz.c) with libFuzzer and runs each for a while: a short share in `make test`, longer by
# `make fuzz`. Set: FUZZ (one target, without _fuzz), TIME (seconds in all) or SECONDS_EACH, SEED, ENGINE (afl: AFL++).
#
# The first inputs are tests/fuzz/corpus/NAME.pack.gz and tests/fuzz/regressions/NAME/; from 20 seconds a target also the files named by the
# patterns in NAME_fuzz.seeds, one a line. The dictionary is made of the tables that NAME_fuzz.words names
# (tests/fuzz/dictionary_tool.c). What is learnt is kept in build/fuzz/corpus/; `make corpus` puts it into the packs. Each target ends with
# the edges of each layer that its inputs have passed. An input that fails is written to build/fuzz/ and printed with the command that repeats it.
set -u
cd "$(dirname "$0")/../.." || exit 2
passed=0
failed=0
unset MAKEFLAGS MFLAGS MAKELEVEL
engine=${ENGINE:-libfuzzer}
seed=${SEED:-$(date +%s)}
seed=$((seed % 4294967295 + 1))

sources=()
for source in tests/*/*_fuzz.c; do
  name=$(basename "$source" _fuzz.c)
  if [ -z "${FUZZ:-}" ] || [ "${FUZZ%_fuzz}" = "$name" ]; then sources+=("$source"); fi
done
if [ ${#sources[@]} = 0 ]; then
  echo "there is no fuzz target \`$FUZZ\`; there are: $(for source in tests/*/*_fuzz.c; do basename "$source" _fuzz.c; done | paste -sd ' ')"
  exit 2
fi
if [ -n "${TIME:-}" ]; then
  seconds=$((TIME / ${#sources[@]}))
  if [ "$seconds" -lt 2 ]; then seconds=2; fi
else
  seconds=${SECONDS_EACH:-3}
fi
echo "fuzz: seed $seed, $seconds seconds for each of ${#sources[@]} targets ($engine)"

variant=fuzz
if [ "$engine" = afl ]; then
  variant=afl
  if ! command -v afl-fuzz >/dev/null; then
    echo "fuzz: AFL++ is not here; as root: apt-get install --no-install-recommends afl++" >&2
    exit 2
  fi
fi
programs=()
for source in "${sources[@]}"; do programs+=("build/$variant/tests/$(basename "$source" .c)"); done
mkdir -p build/fuzz build/$variant
if ! make --no-print-directory VARIANT=$variant ${FUZZ_CC:+CC="$FUZZ_CC"} "${programs[@]}" >build/$variant/build.log 2>&1 ||
  ! make --no-print-directory build/tests/dictionary_tool build/tests/corpus_tool >>build/$variant/build.log 2>&1; then
  grep -E 'error|undefined' build/$variant/build.log | head -n 20
  echo "the fuzz targets do not build; see build/$variant/build.log"
  echo "fuzz: 0 passed, 1 failed"
  exit 1
fi

# Lines that spec/reliability.md is made of.
torture() { # WORDS COUNT FAILURES
  if [ -n "${TORTURE_LOG:-}" ]; then
    printf 'fuzz\t%s\t%s\t%s\tseed %s\t%s\n' "$1" "$2" "$3" "$seed" "$seconds" >>"$TORTURE_LOG"
  fi
}

# Into $first: what is known already. Into $dictionary: the words.
gather() { # SOURCE NAME
  first=build/fuzz/first/$2
  corpus=build/fuzz/corpus/$2
  dictionary=build/fuzz/$2.dict
  rm -rf "$first"
  mkdir -p "$corpus" "$first"
  if [ -f "tests/fuzz/corpus/$2.pack.gz" ]; then
    gzip -dc "tests/fuzz/corpus/$2.pack.gz" >"build/fuzz/$2.pack"
    build/tests/corpus_tool unpack "build/fuzz/$2.pack" "$first"
  fi
  if [ -d "tests/fuzz/regressions/$2" ]; then cp tests/fuzz/regressions/"$2"/* "$first"; fi
  local number=0 pattern file
  if [ -f "${1%.c}.seeds" ] && { [ "$seconds" -ge 20 ] || [ ! -f "tests/fuzz/corpus/$2.pack.gz" ]; }; then
    while read -r pattern; do
      for file in $pattern; do
        [ -f "$file" ] || continue
        number=$((number + 1))
        cp "$file" "$first/seed$number"
      done
    done <"${1%.c}.seeds"
  fi
  : >"$dictionary"
  if [ -f "${1%.c}.words" ]; then build/tests/dictionary_tool <"${1%.c}.words" >"$dictionary" || return 1; fi
}

fuzz() { # SOURCE NAME PROGRAM
  local options=(-seed="$seed" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=4096 -verbosity=0 -print_final_stats=1
    -artifact_prefix="build/fuzz/$2-")
  if [ -s "$dictionary" ]; then options+=(-dict="$dictionary"); fi
  if [ -f "${1%.c}.options" ]; then read -r -a more <"${1%.c}.options" && options+=("${more[@]}"); fi
  rm -f "build/fuzz/$2.edges"
  local status=0
  FUZZ_EDGES="build/fuzz/$2.edges" "$3" "${options[@]}" "$corpus" "$first" >"build/fuzz/$2.log" 2>&1 || status=1
  local edges tried
  tried=$(sed -n 's/^executions //p' "build/fuzz/$2.edges" 2>/dev/null)
  tried=${tried:-$(sed -n 's/^stat::number_of_executed_units: *//p' "build/fuzz/$2.log")}
  edges=$(awk '$1 != "executions" { printf "%s%s %d/%d (%d %%)", (NR > 2 ? ", " : ""), $1, $2, $3, 100 * $2 / $3 }' \
    "build/fuzz/$2.edges" 2>/dev/null)
  if [ "$status" = 0 ] && [ -z "$edges" ]; then
    echo "fuzz $2: the edges were not counted"
    status=1
  fi
  if [ "$status" = 0 ]; then
    passed=$((passed + 1))
    echo "fuzz $2: ${tried:-0} executions; edges: $edges"
  else
    failed=$((failed + 1))
    tail -n 30 "build/fuzz/$2.log"
    local input
    input=$(sed -n 's/.*Test unit written to \(.*\)$/\1/p' "build/fuzz/$2.log" | tail -n 1)
    echo "fuzz $2: failed; repeat it with: $3 $input"
  fi
  torture "$2: inputs tried (edges: ${edges:-none})" "${tried:-0}" "$status"
}

fuzz_afl() { # SOURCE NAME PROGRAM
  local options=(-V "$seconds" -s "$seed" -t 20000 -m none -i "$first" -o "build/afl/out/$2")
  if [ -s "$dictionary" ]; then options+=(-x "$dictionary"); fi
  rm -rf "build/afl/out/$2"
  mkdir -p "build/afl/out/$2"
  if [ -z "$(ls "$first")" ]; then echo a >"$first/seed"; fi
  AFL_NO_UI=1 AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_NO_AFFINITY=1 AFL_IGNORE_SEED_PROBLEMS=1 \
    afl-fuzz "${options[@]}" -- "$3" >"build/afl/$2.log" 2>&1
  local stats=build/afl/out/$2/default/fuzzer_stats tried crashes edges
  tried=$(sed -n 's/^execs_done *: *//p' "$stats" 2>/dev/null)
  crashes=$(ls "build/afl/out/$2/default/crashes" 2>/dev/null | grep -c '^id')
  edges="$(sed -n 's/^edges_found *: *//p' "$stats" 2>/dev/null)/$(sed -n 's/^total_edges *: *//p' "$stats" 2>/dev/null)"
  if [ -z "$tried" ]; then crashes=1 && tail -n 20 "build/afl/$2.log"; fi
  cp "build/afl/out/$2/default/queue"/id* "$corpus" 2>/dev/null
  if [ "$crashes" = 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
  echo "fuzz $2: ${tried:-0} executions, $crashes crashes (build/afl/out/$2/default/crashes); edges of all that is linked: $edges"
  torture "$2: inputs tried by AFL++ (edges $edges)" "${tried:-0}" "$crashes"
}

for source in "${sources[@]}"; do
  name=$(basename "$source" _fuzz.c)
  if ! gather "$source" "$name"; then
    failed=$((failed + 1))
    continue
  fi
  if [ "$engine" = afl ]; then
    fuzz_afl "$source" "$name" "build/afl/tests/${name}_fuzz"
  else
    fuzz "$source" "$name" "build/fuzz/tests/${name}_fuzz"
  fi
done
echo "fuzz: $passed passed, $failed failed"
[ "$failed" = 0 ]
