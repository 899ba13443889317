#!/usr/bin/env bash
# Do the tests notice a mistake? Small mistakes are made in the verifier, the books and the gates, one at a time; each version is compiled,
# linked with the tests that answer for that file, and they are run until one fails. Then the mistakes of planted/ are made, each of
# which must be seen by the tests that it names.
#
#   COUNT=n   how many mistakes (24; the long run: make mutate), drawn by SEED=n from all of them. The lot of a mistake is made of its line's text
#             and what is changed there: a change elsewhere does not move the draw
#   FILE=f    those of one file alone       ONE=f:n   that one, with what the tests say
#   TIME=s    stops drawing after so many seconds
#
# LEAST is the share that must be seen: 90 of 100 in the long run; 75 of the few of a short one, which chance may leave with odd ones.
# What is not seen stands in build/mutate/unseen.txt. A mistake that changes nothing anybody could see is no mistake: it stands, with the
# reason, in equivalent.tsv (file, the text of the line, the change), and is not counted. A line there that no mistake has is refused.
set -u
cd "$(dirname "$0")/../.." || exit 2
out=${OUT:-build}
promo=${PROMO:-$out/promo}
tool=$out/tests/mutate_tool
seed=${SEED:-1}
count=${COUNT:-24}
least=${LEAST:-75}
limit=${TIME:-100000}
work=build/mutate
unset MAKEFLAGS MFLAGS MAKELEVEL
mkdir -p "$work"
rm -rf "$work"/[0-9]* "$work"/plant-* "$work/results" "$work/links"
mkdir -p "$work/links"
started=$(date +%s)
passed=0
failed=0

# What answers for a file: units, then the program over campaigns with tests, then random lives.
units_of() {
  case "$1" in
  vm/verify* | vm/bounds*) echo verify_cases_test bytecode_test verify_test mission_bundle_test schedule_bundle_test interp_test bundle_test assemble_test compiled_test metric_code_test engine_forged_test promo ;;
  runtime/engine/books* | runtime/engine/requests*) echo books_bytes_test books_model_test books_test requests_test engine_edge_test engine_order_test engine_money_test engine_promotions_test engine_recall_test engine_journey_test engine_codes_test engine_run_test engine_liability_test engine_bonus_test engine_seams_test engine_test_players_test engine_move_test engine_experiment_test purse_test engine_tournament_test submit_test promo lives_tool ;;
  runtime/engine/gates*) echo gates_table_test engine_gates_test engine_jurisdiction_test engine_delayed_test engine_edge_test gates_property_test engine_segments_test engine_journey_test engine_priority_test engine_test_players_test engine_promotions_test engine_seams_test engine_metrics_test promo lives_tool ;;
  *) echo engine_edge_test ;;
  esac
}
files="vm/verify.c vm/verify_code.c vm/verify_metric.c vm/verify_slots.c runtime/engine/books.c runtime/engine/books_table.c runtime/engine/books_codec.c runtime/engine/requests.c runtime/engine/gates.c"

# The commands that link the programs NAME…, as make has them, with MUTANT first: one file each in links/.
find_links() { # NAME...
  local name targets=()
  for name in "$@"; do if [ "$name" = promo ]; then targets+=("$promo"); else targets+=("$out/tests/$name"); fi; done
  make --no-print-directory -n V=1 -W "$out/libvm.a" -W "$out/libengine.a" "${targets[@]}" 2>/dev/null |
    sed -n "s| -o $promo | -o PROGRAM MUTANT |; s| -o $out/tests/[a-z_]* | -o PROGRAM MUTANT |; T; p" >"$work/links/all"
  for name in "$@"; do grep -F "/$name.o " "$work/links/all" | head -n 1 >"$work/links/$name"; done
  grep -F '/runtime/cli/' "$work/links/all" | grep -vF '/obj/tests/' | head -n 1 >"$work/links/promo"
  for name in "$@"; do
    if [ ! -s "$work/links/$name" ]; then
      echo "mutate: make does not say how it links $name"
      echo "mutate: 0 passed, 1 failed"
      exit 1
    fi
  done
}

# Unit tests run their mistake under the sanitizers, as all do in `make asan`: a place too few, or a block that is not given back, is seen.
watch="-fsanitize=address,undefined -fno-sanitize-recover=all"
export ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1
compile() { # FOLDER FILE FLAGS
  # shellcheck disable=SC2086
  gcc -std=c11 -D_GNU_SOURCE -DPROMO_VERSION='"0"' -I. -Ibuild/gen -iquote "$(dirname "$2")" -O0 -w -pthread -fno-strict-overflow $3 -c -o "$1/mutant.o" "$1/mutant.c" 2>"$1/log"
}

# Compiles FOLDER/mutant.c and runs what answers for FILE until something fails. Says seen, unseen or invalid, and by what.
judge() { # FOLDER FILE UNIT...
  local folder=$1 file=$2 command name script scripts
  shift 2
  mkdir -p "$folder/tests"
  rm -f "$folder/plain"
  ln -sf "$PWD/$out"/tests/*_tool "$folder/tests/" # what scripts call beside the program
  if ! compile "$folder" "$file" "$watch"; then
    echo invalid
    return
  fi
  for name in "$@"; do
    command=$(cat "$work/links/$name")
    command=${command/PROGRAM/$folder/tests/$name}
    case "$name" in
    promo | lives_tool | compare_tool)
      [ -e "$folder/plain" ] || compile "$folder" "$file" ""
      command=${command/MUTANT/$folder/mutant.o}
      : >"$folder/plain"
      ;;
    *) command="${command/MUTANT/$folder/mutant.o} $watch" ;;
    esac
    rm -f "$folder/tests/$name"
    if ! bash -c "$command" 2>"$folder/log"; then
      echo "invalid by $name"
      return
    fi
    case "$name" in
    promo) scripts="compiler cost docs report experiment explain examples" ;;
    lives_tool) scripts=lives ;;
    compare_tool) scripts=model ;;
    *)
      scripts=""
      if ! timeout 60 "$folder/tests/$name" >"$folder/log" 2>&1; then
        echo "seen by $name"
        return
      fi
      rm -f "$folder/tests/$name"
      ;;
    esac
    for script in $scripts; do
      if ! OUT=$folder PROMO=$folder/tests/promo timeout 120 "tests/$script/run.sh" >"$folder/log" 2>&1; then
        echo "seen by tests/$script"
        return
      fi
    done
  done
  echo unseen
}

# shellcheck disable=SC2046
find_links $({
  for file in $files; do units_of "$file"; done
  sed -n 's/^tests //p' tests/mutate/planted/*.plant
} | tr ' ' '\n' | sort -u)

if [ -n "${ONE:-}" ]; then
  file=${ONE%:*}
  folder=$work/0
  mkdir -p "$folder"
  "$tool" make "$file" "${ONE##*:}" >"$folder/mutant.c" || exit 2
  "$tool" list "$file" | awk -F'\t' -v n="${ONE##*:}" '$1 == n'
  diff "$file" "$folder/mutant.c"
  # shellcheck disable=SC2046
  judge "$folder" "$file" $(units_of "$file")
  exit
fi

# ---------------------------------------------------------------- no mistake: nothing may be seen
if [ "$count" -ge "${BASELINE:-100}" ]; then
  for file in vm/verify.c runtime/engine/books.c runtime/engine/gates.c; do
    mkdir -p "$work/none"
    cp "$file" "$work/none/mutant.c"
    # shellcheck disable=SC2046
    verdict=$(judge "$work/none" "$file" $(units_of "$file"))
    if [ "$verdict" = unseen ]; then passed=$((passed + 1)); else
      failed=$((failed + 1))
      echo "mutate: $file without a mistake: $verdict"
      tail -n 5 "$work/none/log"
    fi
  done
fi

# ---------------------------------------------------------------- mistakes drawn by chance
echo "SEED=$seed COUNT=$count (replay: SEED=$seed COUNT=$count tests/mutate/run.sh)"
for file in ${FILE:-$files}; do
  "$tool" list "$file" "$seed" | awk -v file="$file" '{ lot = substr($0, 1, 16); print lot "\t" file "\t" substr($0, 18) }'
done | LC_ALL=C sort >"$work/all.tsv"
cut -f2- "$work/all.tsv" | head -n "$count" >"$work/drawn.tsv"
# Whether a mistake is told in equivalent.tsv.
equivalent() { # FILE LINE CHANGE
  local text
  text=$(sed -n "$2s/^ *//p" "$1")
  grep -qF "$1	$text	$3	" tests/mutate/equivalent.tsv
}
# Each line there is one that the tool still makes.
while IFS=$'\t' read -r file text change why; do
  case "$file" in "" | "#"*) continue ;; esac
  if [ -z "$why" ] || ! "$tool" list "$file" 2>/dev/null | awk -F'\t' -v change="$change" '$4 == change { print $2 }' |
    while read -r line; do sed -n "${line}s/^ *//p" "$file"; done | grep -qxF "$text"; then
    failed=$((failed + 1))
    echo "mutate: tests/mutate/equivalent.tsv: no such mistake any more, or no reason: $file: $text: $change"
  fi
done <tests/mutate/equivalent.tsv
one_of() { # LINE-NUMBER: judges that line of drawn.tsv
  local file number line kind change folder verdict
  if [ $(($(date +%s) - started)) -ge "$limit" ]; then return; fi
  IFS=$'\t' read -r file number line kind change < <(sed -n "$1p" "$work/drawn.tsv")
  folder=$work/$1
  mkdir -p "$folder"
  "$tool" make "$file" "$number" >"$folder/mutant.c"
  # What changes nothing is judged in long runs alone: it takes all the tests there are.
  # shellcheck disable=SC2046
  if ! equivalent "$file" "$line" "$change"; then
    verdict=$(judge "$folder" "$file" $(units_of "$file"))
  elif [ "$count" -lt "${BASELINE:-100}" ]; then
    verdict=same
  else
    verdict=$(judge "$folder" "$file" $(units_of "$file"))
    if [ "$verdict" = unseen ]; then verdict=same; else echo "mutate: $file:$number stands in equivalent.tsv, and is $verdict"; fi
  fi
  printf '%s\t%s\t%s:%s\t%s\t%s\n' "${verdict%% *}" "$file:$number" "$file" "$line" "$kind" "$change" >>"$work/results"
  rm -rf "$folder"
}
export -f one_of judge compile units_of equivalent
export out promo tool work limit started count watch
seq 1 "$(wc -l <"$work/drawn.tsv")" | xargs -P "${JOBS:-2}" -I{} bash -c 'one_of {}'
touch "$work/results"
grep '^unseen' "$work/results" | sort -k3 >"$work/unseen.txt"
awk -F'\t' -v least="$least" -v log_file="${TORTURE_LOG:-}" -v seed="$seed" -v seconds="$(($(date +%s) - started))" '
  $1 == "invalid" || $1 == "same" { invalid++; next }
  { made++; split($2, part, ":"); of[part[1]]++; if ($1 == "seen") { seen++; by[part[1]]++ } }
  END {
    for (file in of) printf "  %-32s %4d of %4d seen\n", file, by[file], of[file] | "sort"
    close("sort")
    share = made == 0 ? 0 : 100 * seen / made
    printf "mutate: %d mistakes made (%d more did not compile, or change nothing), %d seen: %.1f %% (at least %d %%)\n", made, invalid, seen, share, least
    if (log_file != "") printf "mutation\tmistakes made in the verifier, the books and the gates, %.1f %% seen, of\t%d\t%d\tseed %s\t%d\n", share, made, share < least, seed, seconds >>log_file
    exit share < least
  }' "$work/results"
if [ $? = 0 ]; then passed=$((passed + 1)); else
  failed=$((failed + 1))
  head -n 20 "$work/unseen.txt"
  echo "mutate: what to do: ONE=FILE:NUMBER tests/mutate/run.sh shows one of them (second column) and what the tests say of it. Write a test that fails"
  echo "mutate: with it: a case in tests/bytecode/verify.cases for the verifier, tests/unit/books_*test.c, gates_table_test.c and engine_*_test.c for the others. Nobody could"
  echo "mutate: ever see it? Then it stands with the reason in tests/mutate/equivalent.tsv. All unseen ones: $work/unseen.txt"
fi

# ---------------------------------------------------------------- planted mistakes
planted=0
for plant in tests/mutate/planted/*.plant; do
  [ -e "$plant" ] || continue
  name=$(basename "$plant" .plant)
  folder=$work/plant-$name
  mkdir -p "$folder"
  file=$(sed -n 's/^file //p' "$plant")
  # shellcheck disable=SC2046
  if ! "$tool" plant "$plant" >"$folder/mutant.c"; then verdict="not planted"; else
    verdict=$(judge "$folder" "$file" $(sed -n 's/^tests //p' "$plant"))
  fi
  case "$verdict" in
  seen*) passed=$((passed + 1)) planted=$((planted + 1)) ;;
  *)
    failed=$((failed + 1))
    echo "mutate: planted $name: $verdict"
    head -n 3 "$folder/log" 2>/dev/null
    ;;
  esac
  printf '  planted: %s: %s\n' "$(sed -n 's/^why //p' "$plant")" "$verdict"
done
if [ -n "${TORTURE_LOG:-}" ]; then
  printf 'planted mistakes\tmistakes planted in engine, books and verifier, and seen\t%d\t%d\t-\t%d\n' "$planted" $((failed > 0)) $(($(date +%s) - started)) >>"$TORTURE_LOG"
fi
echo "mutate: $passed passed, $failed failed"
[ "$failed" = 0 ]
