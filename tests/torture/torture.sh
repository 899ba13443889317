#!/usr/bin/env bash
# The long run: everything that tries to break the product, one after the other, each for its share of TIME seconds (3,600), and a page made
# of what they measured: spec/reliability.md. `make torture` starts it.
#
#   TIME=s     how long in all, about     SEED=n    the first seed of all that is random (drawn and printed if not given)
#   PARTS="a b" these parts alone; the page is then printed and not written, but with
#   KEEP=1     what they measured is added to what earlier runs have measured, and the page is made of both; a part that is
#              run again (its fault was mended) takes the place of its earlier rows
#
# Each part appends lines to $TORTURE_LOG: area, what was tried, how often, failures, seed, seconds (tab-separated). A part that ends
# with a status other than 0, or tells a failure, fails the whole; the page is written anyway and says so.
set -u
cd "$(dirname "$0")/../.." || exit 2
time_all=${TIME:-3600}
seed=${SEED:-$(od -An -N3 -tu4 /dev/urandom | tr -d ' ')}
work=build/torture
unset MAKEFLAGS MFLAGS MAKELEVEL
mkdir -p "$work"
export TORTURE_LOG=$PWD/$work/measured.tsv
if [ -z "${KEEP:-}" ]; then
  : >"$TORTURE_LOG"
  echo 0 >"$work/seconds"
fi
started=$(date +%s)
echo "torture: SEED=$seed TIME=$time_all (replay: make torture SEED=$seed TIME=$time_all)"

# The rows of the log that are of a part.
rows_of() { # PART
  case "$1" in
  properties) echo '^properties\t(C11|P(1|2|3|4|5|7|8|9|1[0-5])) ' ;;
  lives) echo '^properties\tP6 ' ;;
  deliveries) echo '^outbox\t' ;;
  security) echo '^trust\t' ;;
  memory) echo '^oom\t' ;;
  mutation) echo '^(mutation|planted mistakes)\t' ;;
  analysis) echo '^analyze\t' ;;
  *) echo "^$1\\t" ;;
  esac
}

# part NAME SHARE COMMAND...: SHARE of 100 of the time.
broken=""
part() {
  local name=$1 seconds=$((time_all * $2 / 100)) begun status
  shift 2
  if [ -n "${PARTS:-}" ]; then case " $PARTS " in *" $name "*) ;; *) return ;; esac fi
  if [ -n "${KEEP:-}" ]; then
    awk -F'\t' -v name="$name" -v rows="$(rows_of "$name")" '$0 !~ rows && !($1 == name && $2 ~ /^the part ended/)' "$TORTURE_LOG" >"$work/kept.tsv" && mv "$work/kept.tsv" "$TORTURE_LOG"
  fi
  begun=$(date +%s)
  printf 'torture: %s, about %d seconds … ' "$name" "$seconds"
  TIME=$seconds SEED=$seed "$@" >"$work/$name.log" 2>&1
  status=$?
  if [ "$status" = 0 ]; then echo "held, $(($(date +%s) - begun)) seconds"; else
    echo "BROKEN (exit status $status), $(($(date +%s) - begun)) seconds; see $work/$name.log"
    tail -n 5 "$work/$name.log"
    broken="$broken $name"
    printf '%s\tthe part ended with status %d\t1\t1\tseed %s\t%d\n' "$name" "$status" "$seed" $(($(date +%s) - begun)) >>"$TORTURE_LOG"
  fi
}

part simulator 22 make --no-print-directory sim
part evaluator 10 make --no-print-directory differ
part properties 8 make --no-print-directory properties
part lives 12 make --no-print-directory lives
part kills 12 make --no-print-directory kills
part deliveries 4 make --no-print-directory deliveries
part repair 3 make --no-print-directory repair
part security 1 bash -c 'build/tests/audit_test && build/tests/trust_test'
part fuzz 12 make --no-print-directory fuzz
part limits 1 build/tests/limits_test
part memory 5 make --no-print-directory oom
part mutation 8 make --no-print-directory mutate
part coverage 2 make --no-print-directory coverage
part analysis 1 make --no-print-directory analyze

echo $(($(cat "$work/seconds") + $(date +%s) - started)) >"$work/seconds"
failures=$(awk -F'\t' '{ sum += $4 } END { print sum + 0 }' "$TORTURE_LOG")
absent=""
for area in simulator evaluator properties kills outbox repair trust fuzz oom mutation coverage analyze; do
  grep -q "^$area	" "$TORTURE_LOG" || absent="$absent $area"
done
page() {
  cat <<'TEXT'
# What was tried to break it

Written by `make torture`, from what its parts measured; nothing here is typed by hand. What must hold is said sentence by sentence in [runtime.md](runtime.md#promises), against whom in [security.md](security.md).
A failure of any part would stand in the column of failures, and the command would end with a status other than 0.

TEXT
  printf 'Last run: %s, %d seconds on %s cores, %s, SQLite on %s. A run like it: `make torture SEED=%s TIME=%s`.%s\n\n' \
    "$(date -u +%F)" "$(cat "$work/seconds")" "$(nproc)" "$(gcc --version | sed -n '1s/ (.*) / /p')" "$(stat -f -c %T .)" "$seed" "$time_all" "${absent:+ Not in this page, since these parts were not run:$absent.}"
  if [ -z "$broken" ] && [ "$failures" = 0 ]; then
    echo "**Nothing lost, nothing doubled, nothing over budget: no failure.**"
  else
    echo "**Failures: $failures.**${broken:+ Parts that broke:$broken.}"
  fi
  awk -F'\t' '
    function number(n,    text) { # 1234567 as 1,234,567
      text = sprintf("%d", n)
      while (match(text, /[0-9][0-9][0-9][0-9](,|$)/)) text = substr(text, 1, RSTART) "," substr(text, RSTART + 1)
      return text
    }
    BEGIN {
      about["simulator"] = "The whole system in one process over a file system in memory that loses, keeps and tears what was not flushed; an auditor predicts books, codes, boards and effects. `tests/sim/`"
      about["evaluator"] = "Campaigns made at random, run by the machine and by an independent interpreter of the checked text. `tests/reference/`"
      about["properties"] = "Properties over all examples. `tests/properties/`, `tests/lives/`"
      about["kills"] = "The built program on a real disk, killed with SIGKILL. `tests/kills/`"
      about["outbox"] = "Deliveries that fail, hang and are killed. `tests/outbox/`"
      about["repair"] = "Backups while events flow, damage, restores. `tests/repair/`"
      about["fuzz"] = "Bytes from outside, mutated by coverage. `tests/fuzz/`"
      about["oom"] = "The n-th allocation fails, for every n. `tests/oom/`"
      about["limits"] = "Each row of the limits table. `tests/limits/`"
      about["trust"] = "The audit log and signed bundles, tampered with. `tests/unit/audit_test.c`, `tests/unit/trust_test.c`"
      about["mutation"] = "The tests themselves. `tests/mutate/`"
      about["planted mistakes"] = "Mistakes that money would feel, made in the source. `tests/mutate/planted/`"
      about["coverage"] = "What the tests reach. `tests/coverage/`"
      about["analyze"] = "Analyzers over the source. `tests/analyze/`"
    }
    !($1 in seen) { seen[$1] = 1; order[++areas] = $1 }
    { rows[$1] = rows[$1] sprintf("| %s | %s | %s | %s | %s |\n", $2, number($3), number($4), $5, $6) }
    END {
      for (n = 1; n <= areas; n++) {
        area = order[n]
        printf "\n## %s\n\n%s%s| Tried | How often | Failures | Seed | Seconds |\n|---|---:|---:|---|---:|\n%s", toupper(substr(area, 1, 1)) substr(area, 2), about[area], area in about ? "\n\n" : "", rows[area]
      }
    }' "$TORTURE_LOG"
}
if [ -n "${PARTS:-}" ] && [ -z "${KEEP:-}" ]; then page; else
  page >"$work/reliability.md"
  cp "$work/reliability.md" spec/reliability.md
  echo "torture: spec/reliability.md is written: $(wc -l <"$TORTURE_LOG") rows, $failures failures"
fi
[ -z "$broken" ] && [ "$failures" = 0 ]
