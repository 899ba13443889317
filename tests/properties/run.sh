#!/usr/bin/env bash
# asan: yes
# The fifteen properties, each over every example, with counts: random stories for each bundle's own events (tests/lives/maker.h), told in other ways (properties_tool),
# by many threads (crowd_tool), through the program with and without a database, with hostile bytes (hostile_tool), and the split hash a second time (split_twin_tool).
# P6 is tests/lives. Then mistakes are planted, which must be seen.
# promises D6, X1, X2, X5, X6, X7, B1, B2, B3, B7, F1, F7, F8, F9.
#
#   SEED=n    other stories; the line that BROKEN prints repeats it alone
#   CASES=n   stories for each example and round (6)
#   TIME=s    rounds with new seeds for about so many seconds (one round)
set -u
cd "$(dirname "$0")/../.." || exit 2
out=${OUT:-build}
promo=${PROMO:-$out/promo}
tool=$out/tests/properties_tool
seed=${SEED:-1}
cases=${CASES:-6}
limit=${TIME:-0}
examples="examples/*/"
case "$out" in
*asan*)
  cases=${CASES:-1}
  examples="examples/c0[1579]*/ examples/referral/ examples/drip/"
  ;;
esac
work=$out/properties
rm -rf "$work"
mkdir -p "$work"
passed=0
failed=0
began=$SECONDS
echo "SEED=$seed CASES=$cases (replay: SEED=$seed CASES=$cases tests/properties/run.sh)"

good() { passed=$((passed + 1)); }
bad() {
  failed=$((failed + 1))
  echo "properties: $1"
}

# Budgets that run dry: every amount but those per player a 400th, at least 30.
small=$(cat tests/lives/smaller.awk)
# Another version: waits a day longer, percentages and wagering a little less, so that every campaign means something else.
newer='
  /wait|days after|within last/ && match($0, /[0-9]+ days/) {
    $0 = substr($0, 1, RSTART - 1) (substr($0, RSTART, RLENGTH - 5) + 1) substr($0, RSTART + RLENGTH - 5)
  }
  /^ *amount / && match($0, /[0-9]+%/) {
    less = substr($0, RSTART, RLENGTH - 1); if (less > 1) less--
    $0 = substr($0, 1, RSTART - 1) less substr($0, RSTART + RLENGTH - 1)
  }
  { print }'

# The same, and it takes running journeys over.
moving='
  /^campaign / { above = 1 }
  above && /^  step / { print "  running journeys  move to this version\n"; above = 0 }
  '"$newer"

# changed FOLDER NAME SCRIPT: the example with each file changed by the awk script; false where it does not build.
changed() {
  local source
  source=$work/source/$(basename "$1") # a folder gives its name to its workspace
  rm -rf "$work/source"
  mkdir -p "$work/source"
  cp -r "$1" "$source"
  find "$source" -name '*.promo' | while read -r file; do
    awk "$3" "$file" >"$work/other" && mv "$work/other" "$file"
  done
  "$promo" build "$source" -o "$work/$2.pbc" >"$work/built" 2>&1
}

names=""
newer_count=0
moving_count=0
for folder in $examples; do
  name=$(basename "$folder")
  if "$promo" build "$folder" -o "$work/$name.pbc" >"$work/built" 2>&1; then names="$names $name"; else bad "$folder does not build: $(head -n 1 "$work/built")"; fi
  if changed "$folder" "$name-newer" "$newer"; then newer_count=$((newer_count + 1)); else rm -f "$work/$name-newer.pbc"; fi
  if changed "$folder" "$name-moving" "$moving"; then moving_count=$((moving_count + 1)); else rm -f "$work/$name-moving.pbc"; fi
  changed "$folder" "$name-small" "$small" || rm -f "$work/$name-small.pbc"
done
case "$out" in *asan*) ;; *) if [ "$newer_count" -ge 15 ]; then good; else bad "only $newer_count examples have a newer version"; fi
  if [ "$moving_count" -ge 10 ]; then good; else bad "only $moving_count examples take journeys over"; fi ;; esac

# ---------------------------------------------------------------- stories
stories() { # NAME SEED
  local other=""
  [ -e "$work/$1-newer.pbc" ] && other="--other $work/$1-newer.pbc"
  # shellcheck disable=SC2086
  if "$tool" "$work/$1.pbc" "$1" "$2" "$cases" $other >"$work/out" 2>&1; then good; else bad "$(cat "$work/out")"; fi
  grep '^P[0-9]' "$work/out" >>"$work/counts"
  grep '^STORIES' "$work/out" >>"$work/stories"
  [ -e "$work/$1-moving.pbc" ] || return
  if "$tool" "$work/$1.pbc" "$1" "$2" "$cases" --other "$work/$1-moving.pbc" --only P12 >"$work/out" 2>&1; then good; else bad "$(cat "$work/out")"; fi
  grep '^P[0-9]' "$work/out" >>"$work/counts"
}
crowd() { # NAME SEED
  for bundle in "$work/$1.pbc" "$work/$1-small.pbc"; do
    [ -e "$bundle" ] || continue
    if "$out/tests/crowd_tool" "$bundle" "$1" "$2" "${3:-900}" >"$work/out" 2>&1; then good; else bad "$(cat "$work/out")"; fi
    grep '^P[0-9]' "$work/out" >>"$work/counts"
  done
}
hostile() { # NAME SEED
  if "$out/tests/hostile_tool" "$work/$1.pbc" "$1" "$2" $((cases * 40)) >"$work/out" 2>&1; then good; else bad "P11 $1: $(tail -n 2 "$work/out")"; fi
  grep '^P[0-9]' "$work/out" >>"$work/counts"
}
# P13: dry (nothing kept) and live (with a database, on other shards) give the same effects, in the same order.
dry_and_live() { # NAME SEED
  "$tool" "$work/$1.pbc" "$1" "$2" 1 --only none --dump "$work/events" >"$work/out" 2>&1
  rm -f "$work"/live.* "$work"/dry.*
  "$promo" run --bundle "$work/$1.pbc" --events "$work/events" --effects "$work/dry.effects" >"$work/dry.out" 2>&1
  "$promo" run --bundle "$work/$1.pbc" --events "$work/events" --effects "$work/live.effects" --db "$work/live.db" --shards 5 --batch 97 >"$work/live.out" 2>&1
  if [ -s "$work/dry.effects" ] && cmp -s "$work/dry.effects" "$work/live.effects"; then good; else
    bad "P13 $1: dry and live differ: $(diff "$work/dry.effects" "$work/live.effects" 2>&1 | head -n 3; head -n 2 "$work/live.out")"
  fi
  echo "P13 $1 $(wc -l <"$work/dry.effects")" >>"$work/counts"
  rm -f "$work"/live.*
}

touch "$work/counts" "$work/stories"
"$promo" build tests/lives/dry.promo -o "$work/dry.pbc" >"$work/built" 2>&1
"$promo" build tests/cost/bounds.promo -o "$work/bounds.pbc" >"$work/built" 2>&1

# C11 over every example: an exclusion in the middle of its own stream; then one that is left out, which must be seen.
excluded() { # NAME
  if "$out/tests/exclusion_tool" "$work/$1.pbc" "$1" "examples/$1/events.ndjson" >"$work/out" 2>&1; then good; else bad "$(cat "$work/out")"; fi
  awk '$1 == "C11" && $3 > 0 { print "C11", $2, $6 }' "$work/out" >>"$work/counts"
}
for name in $names; do [ -e "examples/$name/events.ndjson" ] && excluded "$name"; done
if "$out/tests/exclusion_tool" "$work/c01-welcome.pbc" c01-welcome examples/c01-welcome/events.ndjson plant >"$work/out" 2>&1; then
  bad "C11: an exclusion that does nothing is not seen"
else good; fi
round=0
while :; do
  for name in $names; do
    stories "$name" $((seed + round * cases))
    crowd "$name" $((seed + round))
    hostile "$name" $((seed * 100000 + round * cases * 40))
    if [ $((round % 8)) = 0 ]; then dry_and_live "$name" $((seed + round)); fi
    if [ "$limit" != 0 ] && [ $((SECONDS - began)) -ge "$limit" ]; then break; fi
  done
  crowd dry $((seed + round)) 1500
  crowd bounds $((seed + round)) 1500
  round=$((round + 1))
  if [ "$failed" != 0 ] || [ "$limit" = 0 ] || [ $((SECONDS - began)) -ge "$limit" ]; then break; fi
done

# ---------------------------------------------------------------- P15: the same arm everywhere
if "$out/tests/split_twin_tool" vectors <spec/split-vectors.tsv >"$work/vectors"; then good; else bad "P15: $(cat "$work/vectors")"; fi
wanted=$("$out/tests/split_twin_tool" digest 100000)
splits=100000
case "$out" in
*asan*) ;;
*)
  for compiler in "gcc -O0" "gcc -O3" "clang -O0" "clang -O2" "gcc -O1 -fsanitize=address,undefined"; do
    # shellcheck disable=SC2086
    if $compiler -std=c11 -D_GNU_SOURCE -I. -o "$work/split" tests/properties/split_twin_tool.c vm/split.c vm/text.c vm/status.c vm/memory.c >"$work/built" 2>&1 &&
      [ "$("$work/split" digest 100000)" = "$wanted" ] && "$work/split" vectors <spec/split-vectors.tsv >"$work/vectors"; then
      good
      splits=$((splits + 100000))
    else bad "P15: another split with $compiler: $(head -n 1 "$work/built") $(head -n 2 "$work/vectors")"; fi
  done
  ;;
esac
echo "P15 all $splits" >>"$work/counts"

# ---------------------------------------------------------------- what was tried
tell() { # PROPERTY WORDS
  awk -v p="$1" -v words="$2" '$1 == p { sum += $3; if ($3 > 0 && !($2 in seen)) { seen[$2] = 1; bundles++ } }
    END { printf "  %-4s %-86s %9d in %d examples\n", p, words, sum, bundles }' "$work/counts"
  if [ -n "${TORTURE_LOG:-}" ]; then
    printf 'properties\t%s %s\t%s\t%s\tseed %s\t%s\n' "$1" "$2" "$(awk -v p="$1" '$1 == p { sum += $3 } END { print sum + 0 }' "$work/counts")" \
      "$failed" "$seed" $((SECONDS - began)) >>"$TORTURE_LOG"
  fi
}
tell P1 "lines delivered again: the same effects"
tell P2 "lines that changed places within an instant: the same effects, the same state"
tell P3 "deaths, each taken up from its last checkpoint: the same effects, the same state"
tell P4 "records replayed from the log: the same effects, ends and condition bits"
tell P5 "credits reserved by 1 to 64 threads at once, no limit exceeded"
tell P7 "exclusions, no effect after them, late ones in the report"
tell C11 "journeys ended by an exclusion, a second on, in the millisecond of a timer, of another player of the person"
tell P8 "marketing messages, each with consent"
tell P9 "waits, each with an end, all ended"
tell P10 "answers to why not, applied: each fires, no smaller one does"
tell P11 "bundles with hostile bytes: no crash, no bound exceeded"
tell P12 "credits over two changes of version, no key twice"
tell P13 "effects of a dry run, the same live"
tell P14 "effects of test players: in no figure, and without them all else is the same"
tell P15 "split assignments, the same by every compiler and a second implementation"
awk '{ lines += $3; effects += $5; for (n = 1; n < NF; n++) { if ($n == "again") again += $(n + 1); if ($n == "none") none += $(n + 1); if ($n == "came:") late += $(n + 1); if ($n == "person:") covered += $(n + 1) } }
  END { printf "  in all %d stories\x27 lines, %d effects; %d answers told again, %d none; %d effects decided before an exclusion came; %d times another player of the person was covered\n", lines, effects, again, none, late, covered }' "$work/stories"

# ---------------------------------------------------------------- the canary: mistakes are seen
planted() { # PROPERTY NAME CASES
  local other=""
  [ -e "$work/$2-newer.pbc" ] && other="--other $work/$2-newer.pbc"
  # shellcheck disable=SC2086
  if "$tool" "$work/$2.pbc" "$2" 1 "$3" $other --plant "$1" >"$work/planted" 2>&1; then bad "a mistake against $1 is not seen"; else
    if grep -q "BROKEN $1" "$work/planted"; then good; else bad "$1 planted: $(head -n 1 "$work/planted")"; fi
  fi
}
for property in P1 P2 P3 P4 P14; do planted $property c01-welcome 1; done
for property in P9 P12; do planted $property c07-gift-card 6; done
planted P7 c01-welcome 6
planted P8 c01-welcome 20
planted P10 drip 6
if "$out/tests/crowd_tool" "$work/dry.pbc" dry 1 1500 --plant limits >"$work/planted" 2>&1; then bad "P5: half of every limit is not seen"; else good; fi

echo "properties: $passed passed, $failed failed"
[ "$failed" = 0 ]
