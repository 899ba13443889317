#!/usr/bin/env bash
# How much of vm/, compiler/ and runtime/engine/ the tests reach: lines, and branches taken at least once, by folder and by file, as
# gcov counts them. Runs the units and the scripts of tests/ on the build that counts (make coverage makes it first).
#
#   ONLY="a b"   runs these alone: names of units (books_test) and folders of tests/ (model)
#   KEEP=1       adds to what earlier runs have counted
#   PAGE=FILE    prints the lines and branches of FILE that nothing reached (after a run; runs nothing)
#
# The floors, 95 % of lines and 85 % of branches of each folder, decide the exit status. INVARIANT is left out of the build: its failing
# side is our own mistake, which no test can make. Nothing else is left out: not failing allocations, not refused bundles.
set -u
cd "$(dirname "$0")/../.." || exit 2
export OUT=build/coverage PROMO=build/coverage/promo
export SECONDS_OOM=${SECONDS_OOM:-90} # the build that counts is several times slower
floor_lines=95
floor_branches=85
work=build/coverage/report
unset MAKEFLAGS MFLAGS MAKELEVEL
started=$(date +%s)

if [ -n "${PAGE:-}" ] && [ "${PAGE#*/}" != "$PAGE" ]; then
  awk -F: -v file="$PAGE" '
    /^ *#####/ { print file ":" $2 + 0 ": never" substr($0, index($0, $3) - 1) }
    /^branch .*(taken 0%|never executed)/ { missed[last]++ }
    /^ *[0-9]+\*?:|^ *#####/ { last = $2 + 0; text[last] = substr($0, index($0, $3)) }
    END { for (line in missed) print file ":" line ": " missed[line] " branches" "\t" text[line] }' \
    "$work/$(tr / '#' <<<"$PAGE").gcov" | sort -t: -k2n
  exit
fi

before=0 # seconds of the runs that are added to
if [ -z "${KEEP:-}" ]; then find build/coverage -name '*.gcda' -delete; else before=$(cat build/coverage/seconds 2>/dev/null || echo 0); fi
logs=build/coverage/logs
mkdir -p "$logs"
failed=""
run() { # NAME COMMAND...
  local name=$1
  shift
  timeout 1200 "$@" >"$logs/$name.log" 2>&1 || failed="$failed $name"
}
wanted() { [ -z "${ONLY:-}" ] || case " $ONLY " in *" $1 "*) true ;; *) false ;; esac }
for source in tests/*/*_test.c; do
  name=$(basename "$source" .c)
  if wanted "$name"; then run "$name" "$OUT/tests/$name"; fi
done
for script in tests/*/run.sh examples/run.sh; do
  name=$(basename "$(dirname "$script")")
  # These build programs of their own, or look at no code.
  case "$name" in bench | tidy | fuzz | mutate | analyze | kills) continue ;; esac
  if wanted "$name"; then run "$name" "$script"; fi
done
# Each place of the compiler that asks for memory is refused once: in the seconds of tests/oom/run.sh alone it would be a few of them.
if wanted oom; then run oom_compile "$OUT/tests/oom_tool" --apart --once --only=compile; fi
if [ -n "$failed" ]; then echo "coverage: these tests failed on the build that counts (see $logs/):$failed"; fi

# gcov writes one page for each source file of an object; of a header that many objects have the best-covered page is kept.
rm -rf "$work"
mkdir -p "$work/pages"
top=$PWD
find build/coverage/obj/vm build/coverage/obj/compiler build/coverage/obj/runtime/engine build/coverage/obj/gen -name '*.gcda' |
  while read -r data; do
    folder=$work/pages/$(tr / '#' <<<"${data#build/coverage/obj/}")
    mkdir -p "$folder"
    for source in vm compiler runtime spec build; do ln -s "$top/$source" "$folder/$source"; done # gcov reads them from where it stands
    (cd "$folder" && gcov -b -p -r -s "$top" -o "$top/$data" "$top/$data" >gcov.out 2>/dev/null)
  done
find "$work/pages" -name '*.gcov' |
  while read -r page; do
    file=$(sed -n '1s/^ *-: *0:Source://p' "$page")
    case "$file" in vm/* | compiler/* | runtime/engine/*) ;; *) continue ;; esac
    awk -v file="$file" -v page="$page" '
      /^ *[0-9]+\*?:|^ *#####:|^ *=====:/ { lines++; if ($0 !~ /^ *(#####|=====):/) reached++ }
      /^branch/ { branches++; if ($0 !~ /never executed|taken 0%/) taken++ }
      END { printf "%s\t%d\t%d\t%d\t%d\t%s\n", file, lines, reached, branches, taken, page }' "$page"
  done | sort -t"$(printf '\t')" -k1,1 -k3,3nr |
  awk -F'\t' '!($1 in seen) { seen[$1] = 1; print }' >"$work/files.tsv"
while IFS=$'\t' read -r file _ _ _ _ page; do cp "$page" "$work/$(tr / '#' <<<"$file").gcov"; done <"$work/files.tsv"
rm -rf "$work/pages"

awk -F'\t' -v OFS='\t' '
  function share(part, whole) { return whole == 0 ? "-" : sprintf("%.1f", 100 * part / whole) }
  $2 > 0 { printf "%6s %% of %5d lines, %6s %% of %5d branches  %s\n", share($3, $2), $2, share($5, $4), $4, $1 }' \
  "$work/files.tsv" | sort -n >"$work/files.txt"
head -n 25 "$work/files.txt"
echo "  (all files: $work/files.txt)"
echo $((before + $(date +%s) - started)) >build/coverage/seconds
awk -F'\t' -v floor_lines=$floor_lines -v floor_branches=$floor_branches -v seconds="$(cat build/coverage/seconds)" -v log_file="${TORTURE_LOG:-}" '
  { folder = $1; sub(/\/[^\/]*$/, "", folder); lines[folder] += $2; reached[folder] += $3; branches[folder] += $4; taken[folder] += $5 }
  END {
    good = bad = 0
    split("vm compiler runtime/engine", order, " ")
    for (n = 1; n <= 3; n++) {
      folder = order[n]
      if (lines[folder] == 0) { bad += 2; print "coverage: nothing was counted in " folder; continue }
      line_share = 100 * reached[folder] / lines[folder]
      branch_share = 100 * taken[folder] / branches[folder]
      printf "coverage: %s: %.1f %% of %d lines, %.1f %% of %d branches\n", folder, line_share, lines[folder], branch_share, branches[folder]
      if (line_share >= floor_lines) good++; else bad++
      if (branch_share >= floor_branches) good++; else bad++
      if (log_file != "") {
        printf "coverage\tlines of %s reached: %.1f %% of\t%d\t%d\t-\t%d\n", folder, line_share, lines[folder], line_share < floor_lines, seconds >>log_file
        printf "coverage\tbranches of %s taken: %.1f %% of\t%d\t%d\t-\t%d\n", folder, branch_share, branches[folder], branch_share < floor_branches, seconds >>log_file
      }
    }
    printf "coverage: %d passed, %d failed\n", good, bad
    exit bad > 0
  }' "$work/files.tsv"
