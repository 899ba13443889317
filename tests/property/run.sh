#!/usr/bin/env bash
# asan: yes
# The promises of spec/runtime.md through the program: one stream, with budgets that run dry in the middle, folded whole,
# on 1, 4 and 7 shards, cut in two, delivered twice, shuffled within its instants, killed and taken up again. The effects
# must be the same bytes each time, once repeated ids and a last line that was cut off are dropped.
# The stream is longer than the workspace's lateness, so ids are forgotten on the way. SEED=n takes another stream (printed
# first); LINES=n makes it longer.
# promises X1, X5, X7, D6, F1, B2, B7
set -u
cd "$(dirname "$0")/../.." || exit 2
out=${OUT:-build}
promo=${PROMO:-$out/promo}
tool=$out/tests/stream_tool
seed=${SEED:-1}
lines=${LINES:-16000}
case "$out" in *asan*) lines=${LINES:-6000} ;; esac
work=$(mktemp -d "${TMPDIR:-/tmp}/promo-property.XXXXXX")
trap 'rm -rf "$work"' EXIT
passed=0
failed=0
echo "SEED=$seed LINES=$lines (replay: SEED=$seed LINES=$lines tests/property/run.sh)"

good() { passed=$((passed + 1)); }
bad() { # WHAT
  failed=$((failed + 1))
  echo "property: $1"
}

# run NAME EVENTS OPTIONS...: folds EVENTS; its effects are added to NAME.raw.
run() {
  local name=$1 events=$2
  shift 2
  "$promo" run --bundle "$work/bundle.pbc" --events "$events" --effects "$work/$name.part" "$@" >"$work/$name.out" 2>"$work/$name.err"
  local status=$?
  # A last line that was cut off is dropped before the next part is added.
  if [ -e "$work/$name.part" ]; then "$tool" effects <"$work/$name.part" >>"$work/$name.raw"; fi
  rm -f "$work/$name.part"
  return $status
}

# same NAME WHAT: the effects of NAME are those of the first run.
same() {
  "$tool" effects <"$work/$1.raw" >"$work/$1.effects"
  if cmp -s "$work/base.effects" "$work/$1.effects"; then
    good
  else
    bad "$2: the effects are others"
    diff "$work/base.effects" "$work/$1.effects" | head -n 6
    head -n 3 "$work/$1.err"
  fi
}

"$promo" build tests/property/property.promo -o "$work/bundle.pbc" >"$work/build.out" 2>&1 || {
  cat "$work/build.out"
  echo "property: 0 passed, 1 failed"
  exit 1
}
"$tool" make "$seed" "$lines" >"$work/events"
count=$(wc -l <"$work/events")

# ---------------------------------------------------------------- the stream as it is
if run base "$work/events" --notes "$work/base.notes"; then good; else
  bad "the stream does not fold"
  head -n 5 "$work/base.err"
  echo "property: $passed passed, $failed failed"
  exit 1
fi
"$tool" effects <"$work/base.raw" >"$work/base.effects"
# The stream is worth its name: rewards of each kind, and a budget that ran dry before the last fifth.
if [ "$(grep -c '"effect":"credit"' "$work/base.effects")" -ge 50 ]; then good; else bad "fewer than 50 credits: the stream says little"; fi
dry=$(grep -n '"effect":"campaign_suspended"' "$work/base.effects" | head -n 1 | cut -d: -f1)
if [ -n "$dry" ] && [ "$dry" -lt $(($(wc -l <"$work/base.effects") * 4 / 5)) ]; then good; else bad "no budget runs dry in the middle"; fi
if [ "$(cut -d, -f2 "$work/base.effects" | sort | uniq -d | wc -l)" = 0 ]; then good; else bad "two effects have one id"; fi

# ---------------------------------------------------------------- other shards, other order
for shards in 4 7; do
  run "shards$shards" "$work/events" --shards "$shards" --notes "$work/shards$shards.notes" || bad "$shards shards: the run failed"
  same "shards$shards" "$shards shards"
  if cmp -s "$work/base.notes" "$work/shards$shards.notes"; then good; else bad "$shards shards: the notes are others"; fi
done
for n in 1 2 3; do
  "$tool" shuffle "$n" <"$work/events" >"$work/shuffled"
  run "shuffled$n" "$work/shuffled" --shards 4 || bad "shuffled: the run failed"
  same "shuffled$n" "shuffled within its instants ($n)"
done
"$tool" twice 5 <"$work/events" >"$work/twice"
run twice "$work/twice" || bad "every third line twice: the run failed"
same twice "every third line twice"

"$tool" ticks 6 <"$work/events" >"$work/ticks"
run ticks "$work/ticks" || bad "with more ticks: the run failed"
same ticks "with more ticks"
"$tool" spoil 7 <"$work/events" >"$work/spoilt"
run spoilt "$work/spoilt" --json
status=$?
same spoilt "lines that are no records between the lines"
spoilt=$(($(wc -l <"$work/spoilt") - count))
if [ "$status" = 1 ] && grep -Eq "(^|[^0-9])$spoilt([^0-9]|$)" "$work/spoilt.out"; then good; else
  bad "$spoilt lines are no records: exit status $status, and the summary does not count them"
fi

# ---------------------------------------------------------------- cut in two, inside an instant or between two
run whole "$work/events" --db "$work/whole.db" || bad "with a database: the run failed"
same whole "with a database"
# The whole stream once more into the same database: nothing new.
run whole "$work/events" --db "$work/whole.db" --shards 7 || bad "the same stream again: the run failed"
same whole "the same stream again into its database"
run batches "$work/events" --db "$work/batches.db" --batch 7 --checkpoint 900 --shards 4 || bad "batches of 7: the run failed"
same batches "batches of 7, a checkpoint each 900"
for n in 1 2 3 4; do
  at=$((count * n / 5 + n))
  head -n "$at" "$work/events" >"$work/first"
  tail -n "+$((at + 1))" "$work/events" >"$work/second"
  run "cut$n" "$work/first" --db "$work/cut$n.db" --open --shards $((n * 2 - 1)) || bad "cut at $at: the first run failed"
  run "cut$n" "$work/second" --db "$work/cut$n.db" --shards $((8 - n)) || bad "cut at $at: the second run failed"
  same "cut$n" "cut in two at line $at"
done

# ---------------------------------------------------------------- killed and taken up again
for n in 1 2 3; do
  name=killed$n
  for pause in 0.01 0.03 0.05 0.08; do
    "$promo" run --bundle "$work/bundle.pbc" --events "$work/events" --effects "$work/$name.part" --db "$work/$name.db" --batch 50 \
      --shards "$n" --checkpoint $((n * 600)) >"$work/$name.out" 2>"$work/$name.err" &
    pid=$!
    sleep "$(awk "BEGIN { print $pause * $n }")"
    kill -9 "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
    if [ -e "$work/$name.part" ]; then "$tool" effects <"$work/$name.part" >>"$work/$name.raw"; fi
    rm -f "$work/$name.part"
  done
  # The platform does not know how far it got, so it delivers everything again.
  run "$name" "$work/events" --db "$work/$name.db" --batch 50 --checkpoint 3000 || bad "after kill -9: the run failed: $(head -n 1 "$work/$name.err")"
  same "$name" "killed four times and taken up again ($n)"
done

# ---------------------------------------------------------------- many threads
if "$out/tests/threads_tool" "$work/bundle.pbc" "$work/threads.db" >"$work/threads.out" 2>&1; then good; else
  bad "64 threads: $(head -n 3 "$work/threads.out")"
fi

# ---------------------------------------------------------------- codes: many threads, and killed between redemption and credit
"$promo" build tests/property/codes.promo -o "$work/codes.pbc" >"$work/codes.out" 2>&1 || bad "codes.promo: $(head -n 3 "$work/codes.out")"
if "$out/tests/codes_tool" "$work/codes.pbc" "$work/crowd.db" >"$work/codes.out" 2>&1; then good; else
  bad "64 threads and one code: $(head -n 3 "$work/codes.out")"
fi
"$promo" codes killed --bundle "$work/codes.pbc" --count 600 2>/dev/null | awk -F, '
  NR > 1 { for (n = 1; n <= 2; n++)
    printf "{\"event\":\"code.entered\",\"id\":\"k%d-%d\",\"player\":\"k%d-%d\",\"at\":\"2026-06-01T%02d:%02d:00Z\",\"data\":{\"codes\":\"killed\",\"code\":\"%s\"}}\n",
      $1, n, $1, n, NR / 60, NR % 60, $2 }' >"$work/codes.events"
for pause in 0.01 0.02 0.04 0.06; do
  "$promo" run --bundle "$work/codes.pbc" --events "$work/codes.events" --effects "$work/codes.part" --db "$work/codes.db" --batch 7 --checkpoint 90 >/dev/null 2>&1 &
  pid=$!
  sleep "$pause"
  kill -9 "$pid" 2>/dev/null
  wait "$pid" 2>/dev/null
  if [ -e "$work/codes.part" ]; then "$tool" effects <"$work/codes.part" >>"$work/codes.raw"; fi
  rm -f "$work/codes.part"
done
"$promo" run --bundle "$work/codes.pbc" --events "$work/codes.events" --effects "$work/codes.part" --db "$work/codes.db" --batch 7 >"$work/codes.out" 2>&1 || bad "codes after kill -9: $(head -n 1 "$work/codes.out")"
"$tool" effects <"$work/codes.part" >>"$work/codes.raw"
credits=$(grep '^{"effect":"credit"' "$work/codes.raw" | sort -u | wc -l)
players=$(grep '^{"effect":"credit"' "$work/codes.raw" | sed 's/.*"player":"k\([0-9]*\)-.*/\1/' | sort -u | wc -l)
used=$("$promo" codes killed --used --db "$work/codes.db" | grep -c ',1,no,0$')
if [ "$credits" = 600 ] && [ "$players" = 600 ] && [ "$used" = 600 ]; then good; else
  bad "600 codes entered twice and killed four times: $credits credits of $players codes, $used used"
fi

# ---------------------------------------------------------------- the canary: these checks can see a difference
awk 'NR % 9 != 0' "$work/events" >"$work/other"
run other "$work/other" || bad "another stream: the run failed"
"$tool" effects <"$work/other.raw" >"$work/other.effects"
if cmp -s "$work/base.effects" "$work/other.effects"; then bad "another stream gives the same effects: the checks see nothing"; else good; fi

echo "property: $passed passed, $failed failed"
[ "$failed" = 0 ]
