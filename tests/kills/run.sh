#!/usr/bin/env bash
# Real kills on a real disk: `promo run --db` and the service form (promo_submit from eight threads) die by SIGKILL at random moments, also while they start and while
# they write a checkpoint, and are taken up again until the stream is at its end. A receiver that keeps ids must then have what a run in peace gave, by id and bytes; the
# tables must be the same and the books exact. Prints where the kills fell. Then mistakes are planted, which must be seen.
# promises D1, D2, D5, D6, D7, X2, X3, B1, B2, F1.
#
#   KILLS=n   so many in all (20), a fifth of them of the service form
#   SEED=n    other moments and streams; the line that a failure prints repeats its round alone
#   TIME=s    at most about so many seconds (no limit)
set -u
cd "$(dirname "$0")/../.." || exit 2
out=${OUT:-build}
promo=${PROMO:-$out/promo}
seed=${SEED:-1}
kills=${KILLS:-20}
limit=${TIME:-0}
work=$out/kills
rm -rf "$work"
mkdir -p "$work"
passed=0
failed=0
began=$SECONDS
echo "SEED=$seed KILLS=$kills (replay: SEED=$seed KILLS=$kills tests/kills/run.sh)"

good() { passed=$((passed + 1)); }
bad() {
  failed=$((failed + 1))
  echo "kills: $1"
}
in_time() { [ "$limit" = 0 ] || [ $((SECONDS - began)) -lt "$limit" ]; }

build_bundle() { # SOURCE NAME
  "$promo" build "$1" -o "$work/$2.pbc" >"$work/built" 2>&1 || bad "$1 does not build: $(head -n 1 "$work/built")"
}
# A stream for a bundle: SEED NAME FILE
stream() {
  if [ "$2" = property ]; then "$out/tests/stream_tool" make "$1" 14000 >"$3"; else
    "$out/tests/lives_tool" "$work/$2.pbc" "$2" "$1" 1 120 --dump "$3" >"$work/dumped" 2>&1 || bad "$2: $(head -n 1 "$work/dumped")"
  fi
}

build_bundle tests/property/property.promo property
names=property
if [ "$kills" -gt 40 ]; then
  for name in c04-rake-race c05-spring-codes c09-mission c10-levels c07-gift-card weekly-reload; do
    build_bundle "examples/$name" "$name"
    names="$names property $name"
  done
fi

# ---------------------------------------------------------------- the program
wanted=$((kills - kills / 5))
done_kills=0
round=0
set -- $names
while [ "$done_kills" -lt "$wanted" ] && in_time && [ "$failed" = 0 ]; do
  round=$((round + 1))
  name=$1
  shift
  [ $# -gt 0 ] || set -- $names
  mine=$((seed * 1000 + round))
  rm -f "$work"/*.db* "$work"/*.part
  stream "$mine" "$name" "$work/events"
  most=$((wanted - done_kills))
  [ "$most" -le 25 ] || most=25
  if "$out/tests/kills_tool" "$promo" "$work/$name.pbc" "$work/events" "$work" "$mine" "$most" >"$work/round" 2>&1; then
    good
    cat "$work/round" >>"$work/rounds"
    done_kills=$((done_kills + $(sed -n 's/.*killed \([0-9]*\) times.*/\1/p' "$work/round")))
    echo "$name: $(cat "$work/round")"
  else
    bad "$name: $(tail -n 3 "$work/round")"
    cp "$work/events" "$work/failed.ndjson"
    echo "  again: $out/tests/kills_tool $promo $work/$name.pbc $work/failed.ndjson FOLDER $mine $most"
  fi
done

# ---------------------------------------------------------------- the service form
service_done=0
while [ "$service_done" -lt $((kills / 5)) ] && in_time && [ "$failed" = 0 ]; do
  round=$((round + 1))
  mine=$((seed * 1000 + round))
  rm -f "$work"/service.*
  most=$((kills / 5 - service_done))
  [ "$most" -le 12 ] || most=12
  if "$out/tests/service_tool" "$work/property.pbc" "$work" "$mine" "$most" >"$work/round" 2>&1; then
    good
    service_done=$((service_done + $(sed -n 's/.*killed \([0-9]*\) times.*/\1/p' "$work/round")))
    echo "service: $(cat "$work/round")"
  else
    bad "service: $(tail -n 3 "$work/round")"
    echo "  again: $out/tests/service_tool $work/property.pbc FOLDER $mine $most"
  fi
done

phase() { awk -v words="$1" '{ count = split($0, part, /: |, |; /); for (n = 1; n <= count; n++) if (index(part[n], " " words)) sum += part[n] } END { print sum + 0 }' "$work/rounds"; }
tell() { # WORDS COUNT
  printf '  %-62s %s\n' "$1" "$2"
  if [ -n "${TORTURE_LOG:-}" ]; then printf 'kills\t%s\t%s\t%s\tseed %s\t%s\n' "$1" "$2" "$failed" "$seed" $((SECONDS - began)) >>"$TORTURE_LOG"; fi
}
touch "$work/rounds"
tell "kill -9 of the program at the start" "$(phase 'at the start')"
tell "kill -9 of the program between two writes" "$(phase 'between two writes')"
tell "kill -9 of the program in the write of a batch" "$(phase 'in the write of a batch')"
tell "kill -9 of the program in the write of a checkpoint" "$(phase 'in the write of a checkpoint')"
tell "kill -9 of the program while it folds the log again" "$(phase 'while it folds again')"
tell "kill -9 of the service with eight threads" "$service_done"

# ---------------------------------------------------------------- up again with a million waiting journeys (in the long run)
if [ "$kills" -gt 40 ] && [ -x "$out/tests/restart_bench" ]; then
  if "$out/tests/restart_bench" >"$work/restart" 2>&1; then good; else bad "restart: $(cat "$work/restart")"; fi
  sed -n 's/^  restart: /  a start after that: /p' "$work/restart"
  if [ -n "${TORTURE_LOG:-}" ]; then
    printf 'kills\trestart with 1,000,000 waiting journeys: %s\t1\t%s\t-\t%s\n' \
      "$(sed -n 's/^  restart: //p' "$work/restart")" "$failed" "$(sed -n 's/^  restart: \([0-9.]*\) .*/\1/p' "$work/restart")" >>"$TORTURE_LOG"
  fi
fi

# ---------------------------------------------------------------- the canary: mistakes are seen
"$out/tests/stream_tool" make 3 4000 >"$work/events"
for plant in lost doubled changed books; do
  rm -f "$work"/*.db* "$work"/*.part
  if "$out/tests/kills_tool" "$promo" "$work/property.pbc" "$work/events" "$work" 1 2 --plant $plant >"$work/planted" 2>&1; then
    bad "an effect or a book that is $plant is not seen"
  elif grep -q BROKEN "$work/planted"; then good; else bad "$plant planted: $(head -n 1 "$work/planted")"; fi
done
for plant in lost doubled; do
  rm -f "$work"/service.*
  if "$out/tests/service_tool" "$work/property.pbc" "$work" 1 0 --plant $plant >"$work/planted" 2>&1; then
    bad "$plant in the service is not seen"
  elif grep -q BROKEN "$work/planted"; then good; else bad "$plant planted in the service: $(head -n 1 "$work/planted")"; fi
done
rm -f "$work"/*.db* "$work"/*.part "$work"/service.*

echo "kills: $passed passed, $failed failed"
[ "$failed" = 0 ]
