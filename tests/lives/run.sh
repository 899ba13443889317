#!/usr/bin/env bash
# asan: yes
# promises B6, X2
# Proven bounds against random lives: for each example, each file of tests/cost and codes, and most of them once more with budgets that run dry, players live at
# random, and a ledger that knows effects and notes alone says whether a bound, a limit or a `grant` was ever exceeded, one effect had two
# forms, or money came back without a word. Prints what was reached. Then mistakes are planted, which must be seen.
#
#   LIVES=n      n times as many lives
#   ALL=n        at least so many lives in all (`make lives LIVES=1000000`)
#   SEED=n       other ones; the first line that BROKEN prints repeats it alone
set -u
cd "$(dirname "$0")/../.." || exit 2
out=${OUT:-build}
promo=${PROMO:-$out/promo}
tool=$out/tests/lives_tool
seed=${SEED:-1}
runs=$((${LIVES:-1} * 8))
case "$out" in *asan*) runs=$((${LIVES:-1} * 1)) ;; esac
work=$out/lives
rm -rf "$work"
mkdir -p "$work"
passed=0
failed=0
echo "SEED=$seed (replay: SEED=$seed LIVES=${LIVES:-1} tests/lives/run.sh)"

good() { passed=$((passed + 1)); }
bad() {
  failed=$((failed + 1))
  echo "lives: $1"
}

# The same text with smaller budgets: every amount but those per player a 400th, at least 30.
small=tests/lives/smaller.awk

bundle() { # SOURCE NAME
  if "$promo" build "$1" -o "$work/$2.pbc" >"$work/built" 2>&1; then bundles="$bundles $2"; else
    bad "$1 does not build: $(head -n 1 "$work/built")"
  fi
}

bundles=""
smalls=0
for folder in examples/*/; do
  name=$(basename "$folder")
  bundle "$folder" "$name"
  cp -r "$folder" "$work/source"
  find "$work/source" -name '*.promo' | while read -r file; do
    awk -f "$small" "$file" >"$work/smaller" && mv "$work/smaller" "$file"
  done
  # A budget may be too small for the prizes it pays; such an example lives with its own alone.
  if "$promo" build "$work/source" -o "$work/$name-small.pbc" >/dev/null 2>&1; then
    bundles="$bundles $name-small"
    smalls=$((smalls + 1))
  fi
  rm -rf "$work/source"
done
for file in tests/cost/*.promo tests/property/codes.promo tests/lives/*.promo; do
  bundle "$file" "$(basename "$(dirname "$file")")-$(basename "$file" .promo)"
done
if [ "$smalls" -ge 15 ]; then good; else bad "only $smalls examples live with small budgets"; fi

# shellcheck disable=SC2086
set -- $bundles
if [ "${ALL:-0}" -gt 0 ]; then runs=$((ALL / ($# * 40) + 1)); fi
began=$SECONDS
jobs=1
if [ "${ALL:-0}" -gt 0 ]; then jobs=$(nproc); fi
# shellcheck disable=SC2086,SC2016
printf '%s\n' $bundles | xargs -P "$jobs" -I NAME sh -c '"$1" "$2/NAME.pbc" NAME "$3" "$4" 40 >"$2/NAME.out" 2>&1; echo $? >"$2/NAME.status"' \
  sh "$tool" "$work" "$seed" "$runs"
for name in $bundles; do
  if [ "$(cat "$work/$name.status")" = 0 ]; then good; else bad "$name"; fi
  cat "$work/$name.out"
done
reached=$(cat "$work"/*.out | grep -c '"[^"]*":.* 100%')
credits=$(cat "$work"/*.out | sed -n 's/.* \([0-9]*\) credits reserved.*/\1/p' | awk '{ sum += $1 } END { print sum + 0 }')
lives=$(cat "$work"/*.out | sed -n 's/.*: up to \([0-9]*\) lives.*/\1/p' | awk '{ sum += $1 } END { print sum + 0 }')
echo "in all: $lives lives, $credits credits, $reached campaigns that reached a bound whole"
if [ -n "${TORTURE_LOG:-}" ]; then
  printf 'properties\tP6 lives against the proven bounds, none exceeded (%s credits)\t%s\t%s\tseed %s\t%s\n' "$credits" "$lives" "$failed" "$seed" $((SECONDS - began)) >>"$TORTURE_LOG"
fi
case "$out" in
*asan*) ;;
*)
  if [ "$reached" -ge 15 ] && [ "$credits" -ge 1000 ]; then good; else bad "these lives say little"; fi
  ;;
esac

# What these lives found: a failure told as an event gives nothing back, and a code that it frees pays twice. It is refused.
printf '{"id":"1","event":"credit_failed","player":"p","at":"2026-04-03T00:00:00Z","data":{"offer":"spring spins"}}\n' >"$work/hearsay"
"$promo" run --bundle "$work/c05-spring-codes.pbc" --events "$work/hearsay" >"$work/hearsay.out" 2>&1
if grep -q 'the engine makes of the wallet.s reply; send that: "kind":"reply","effect":"…","status":"failed"' "$work/hearsay.out"; then good; else
  bad "a failed credit told as an event: $(head -n 1 "$work/hearsay.out")"
fi

# ---------------------------------------------------------------- the canary: a mistake is seen
planted() { # KIND NAME
  if "$tool" "$work/$2.pbc" "$2" 1 16 40 --plant "$1" >"$work/planted" 2>&1; then bad "$1 planted in $2, and nobody sees it"; else
    if grep -q BROKEN "$work/planted"; then good; else bad "$1 planted in $2: $(head -n 1 "$work/planted")"; fi
  fi
}
planted bounds c05-spring-codes
planted bounds cost-bounds
planted bounds lives-dry
planted limits cost-bounds
planted limits lives-dry
planted releases lives-dry
planted refusals lives-dry

echo "lives: $passed passed, $failed failed"
[ "$failed" = 0 ]
