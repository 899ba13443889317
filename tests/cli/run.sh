#!/usr/bin/env bash
# check: yes
# asan: yes
#
# The program as people and scripts use it: every command, its options, exit statuses, what goes to which stream, and what is
# said when something is wrong. The meaning of campaigns is tested elsewhere.
# Ends with `cli: N passed, N failed`.
set -u
cd "$(dirname "$0")/../.." || exit 2

promo=$(realpath "${PROMO:-build/promo}")
tools=$(realpath "${OUT:-build}")/tests
manual=$(realpath spec/man/promo.1)
parts=$(realpath tests/cli)
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
unset NO_COLOR
export LC_ALL=C.UTF-8
passed=0
failed=0

if [ ! -x "$promo" ]; then
    echo "tests/cli/run.sh: $promo is not built" >&2
    exit 2
fi

pass() { passed=$((passed + 1)); }

fail() { # WORDS…
    failed=$((failed + 1))
    echo "FAILED $name: $*"
    sed 's/^/    stdout: /' "$work/stdout" | head -15
    sed 's/^/    stderr: /' "$work/stderr" | head -15
}

# expect NAME STATUS ARGUMENT…: runs promo; its streams are then in $work/stdout and $work/stderr.
expect() {
    name=$1
    local wanted=$2
    shift 2
    "$promo" "$@" >"$work/stdout" 2>"$work/stderr"
    local status=$?
    if [ $status = "$wanted" ]; then pass; else fail "exit status $status, not $wanted"; fi
}

# What the last command said. Each is a test.
out_has() { if grep -qF -- "$1" "$work/stdout"; then pass; else fail "standard output has no: $1"; fi; }
err_has() { if grep -qF -- "$1" "$work/stderr"; then pass; else fail "standard error has no: $1"; fi; }
out_lacks() { if grep -qF -- "$1" "$work/stdout"; then fail "standard output has: $1"; else pass; fi; }
err_lacks() { if grep -qF -- "$1" "$work/stderr"; then fail "standard error has: $1"; else pass; fi; }
out_is_empty() { if [ -s "$work/stdout" ]; then fail "standard output is not empty"; else pass; fi; }
err_is_empty() { if [ -s "$work/stderr" ]; then fail "standard error is not empty"; else pass; fi; }
out_lines() { local n; n=$(wc -l <"$work/stdout"); if [ "$n" = "$1" ]; then pass; else fail "standard output has $n lines, not $1"; fi; }
out_is() { if cmp -s "$1" "$work/stdout"; then pass; else fail "standard output differs from $1"; fi; }
out_json() { if "$tools/json_tool" <"$work/stdout" >/dev/null 2>"$work/why"; then pass; else fail "$(cat "$work/why")"; fi; }
rows_are() { # FILE QUERY ROWS: what a table for people has
    local found
    found=$("$tools/rows_tool" "$1" "$2" 2>&1)
    if [ "$found" = "$3" ]; then pass; else fail "$2 gives $found, not $3"; fi
}
json_is() { # PATH VALUE
    local found
    found=$("$tools/json_tool" "$1" <"$work/stdout" 2>&1)
    if [ "$found" = "$2" ]; then pass; else fail "$1 is $found, not $2"; fi
}
same() { if cmp -s "$1" "$2"; then pass; else fail "$1 and $2 differ"; fi; }
differ() { if cmp -s "$1" "$2"; then fail "$1 and $2 are the same"; else pass; fi; }
no_file() { if [ -e "$1" ]; then fail "there is a file $1"; else pass; fi; }
plain() { if grep -q $'\033' "$work/stdout" "$work/stderr"; then fail "colours in a pipe"; else pass; fi; }
events() { if n=$("$tools/json_tool" --lines <"$1" 2>&1) && [ "$n" = "$2" ]; then pass; else fail "$1 has $n lines, not $2"; fi; }

# ---------------------------------------------------------------- what the commands work on

mkdir -p "$work/shop" "$work/broken" "$work/warned" "$work/empty" "$work/red"
cat >"$work/shop/shop.promo" <<'END'
message "thanks"
  about  casino
  inbox "en" "Thank you"
end

campaign "Gift"
  product   casino
  currency  EUR
  timezone  "Europe/Malta"

  budget
    total       12 EUR
    per player  10 EUR
    when empty  go on without rewards
  end

  start on registration
  only for players where age_verified is yes
  leave on withdrawal_requested where amount is at least 50 EUR

  offer cash "gift"
    amount    10% of deposit.amount, at most 10 EUR
    wagering  none
  end

  step "Hello"
    send inbox "thanks"
    wait up to 3 days
      when deposit where amount is at least 20 EUR  go to "Pay"
      when time is up                               finish as "LATE"
    end
  end

  step "Pay"
    credit "gift", otherwise finish as "NO_GIFT"
    finish as "PAID"
  end
end

test "a tenth comes back"
  given a player where age_verified is yes
  at 2026-06-10 12:00  registration
  at +1 day            deposit where amount is 40 EUR
  expect credit "gift" where amount is 4 EUR
end

test "nothing for the late"
  given a player where age_verified is yes
  at 2026-06-10 12:00  registration
  at +4 days           time passes
  expect no credit
  expect finish as "LATE"
end
END
sed 's/at least 20 EUR/at lest 20 EUR/' "$work/shop/shop.promo" >"$work/broken/broken.promo"
sed '/^  timezone/d; s/amount is 4 EUR/amount is 5 EUR/; s/a tenth comes/<a> \& "tenth" comes/; s/<a> & "tenth"/<a> \& tenth/' "$work/shop/shop.promo" >"$work/red/red.promo"
sed '/wagering  none/d; /^test/,$d' "$work/shop/shop.promo" >"$work/warned/warned.promo"
cat >"$work/events.ndjson" <<'END'
{"kind":"attributes","id":"a1","player":"ann","at":"2026-06-01T08:00:00Z","set":{"age_verified":true}}
{"kind":"attributes","id":"a2","player":"cem","at":"2026-06-01T08:00:00Z","set":{"age_verified":true}}
{"kind":"attributes","id":"a3","player":"dan","at":"2026-06-01T08:00:00Z","set":{"age_verified":true}}
{"kind":"attributes","id":"a4","player":"eve","at":"2026-06-01T08:00:00Z","set":{"age_verified":true}}
{"id":"e1","event":"registered","player":"ann","at":"2026-06-02T10:00:00Z","data":{}}
{"id":"e2","event":"registered","player":"ben","at":"2026-06-02T10:00:00Z","data":{}}
{"id":"e3","event":"registered","player":"cem","at":"2026-06-02T11:00:00Z","data":{}}
{"id":"e4","event":"registered","player":"dan","at":"2026-06-02T11:00:00Z","data":{}}
{"id":"e5","event":"registered","player":"eve","at":"2026-06-02T11:00:00Z","data":{}}
{"id":"e6","event":"deposit","player":"ann","at":"2026-06-03T10:00:00Z","data":{"amount":"80.00 EUR","first":false,"method":"card"}}
{"id":"e7","event":"deposit","player":"cem","at":"2026-06-03T11:00:00Z","data":{"amount":"19.99 EUR","first":false,"method":"card"}}
{"id":"e8","event":"deposit","player":"dan","at":"2026-06-03T12:00:00Z","data":{"amount":"90.00 EUR","first":false,"method":"card"}}
{"id":"e9","event":"withdrawal.requested","player":"eve","at":"2026-06-03T13:00:00Z","data":{"amount":"30.00 EUR"}}
END
cat "$work/events.ndjson" - >"$work/bad.ndjson" <<'END'
not a record
{"id":"e10","event":"depozit","player":"ann","at":"2026-06-03T14:00:00Z","data":{}}

{"id":"e11","event":"deposit","player":"ann","at":"2026-06-03T15:00:00Z","data":{"amount":"80,00 EUR","first":false,"method":"card"}}
END
cd "$work" || exit 2

# ---------------------------------------------------------------- the program itself

expect "no command" 2
out_is_empty
err_has "usage: promo COMMAND"
expect "help" 0 help
err_is_empty
plain
for command in check test fmt build run command audit key explain report experiment liability segment preview terms cost board codes wallet stdlib verify disasm; do
    name="the manual page tells of $command"
    if grep -q "^\.BR $command " "$manual"; then pass; else fail "$manual has no such line"; fi
    expect "help lists $command" 0 --help
    out_has "  $command "
    expect "help of $command" 0 "$command" --help
    out_has "promo $command"
    err_is_empty
    cp stdout help-text
    expect "the other way to the help of $command" 0 help "$command"
    out_is help-text
    expect "an unknown option of $command" 2 "$command" --nonsense
    out_is_empty
    err_has "--help"
done
expect "the list of commands" 0 help
out_has "Keep them safe"
out_has "  doctor      is a database whole, and what to do if not"
expect "a heading is no command" 2 "Keep them safe"
err_has 'there is no command'
expect "version" 0 --version
out_has "promo "
out_has "zone rules"
expect "version as a command" 0 version
expect "an unknown command" 2 frobnicate
err_has 'there is no command `frobnicate`'
err_has 'help: `promo help` lists the commands'
expect "a misspelt command" 2 chekc
err_has 'did you mean `promo check`?'
expect "help of an unknown command" 2 help chekc
err_has 'did you mean `promo check`?'
name="a full disk"
"$promo" help >/dev/full 2>stderr
if [ $? = 2 ] && grep -q "standard output could not be written" stderr; then pass; else fail "a full standard output goes unseen"; fi

# ---------------------------------------------------------------- check

expect "check" 0 check shop
out_has "ok: 1 campaign, 2 tests"
out_has '"Gift" can spend at most 10 EUR on a player, 12 EUR in all'
err_is_empty
expect "check a file" 0 check shop/shop.promo
"$promo" check - <shop/shop.promo >stdout 2>stderr
name="check standard input"; out_has "ok: 1 campaign"
expect "check what is broken" 1 check broken
out_is_empty
err_has "broken/broken.promo:"
err_has "did you mean"
err_has "1 error, "
plain
expect "check two paths" 0 check shop/shop.promo shop
expect "check without a path" 2 check
err_has "name a file or a folder to check"
expect "check a missing file" 2 check missing.promo
err_has '`missing.promo` could not be opened: No such file or directory'
expect "check an empty folder" 2 check empty
err_has 'the folder `empty` holds no .promo file'
expect "check in an unknown format" 2 check --format yaml shop
err_has '`yaml` is no format; it is text, json or sarif'
expect "check as JSON" 1 check --format json broken
out_json
err_is_empty
expect "check as JSON, nothing wrong" 0 check --format json shop
out_json
expect "check as SARIF" 1 check --format sarif broken
out_json
json_is version 2.1.0
expect "check as SARIF, nothing wrong" 0 check --format sarif shop
out_json
expect "warnings" 0 check warned
err_has "warning"
out_has "1 warning"
expect "warnings denied" 1 check --deny-warnings warned
expect "warnings denied, there are none" 0 check --deny-warnings shop
cat >figures.promo <<'END'
metric games is count of different bet.game over last 30 days, kept up to 100
metric staked is sum of bet.stake in EUR over last 1 hour
metric staked_per_game is staked / games, rounded down
campaign "Figures"
  metric bets is count of bet since entry
  start on deposit where player.staked_per_game is known
  enter once per player
  step "One"
    finish as "DONE"
  end
end
END
expect "metrics" 0 check figures.promo
out_has "  4 metrics: at most "
out_has " bytes for a player, at most 64 bytes for their journeys"
out_lacks "player.games"
expect "each metric" 0 check --metrics figures.promo
out_has "    player.games: at most "
out_has " bytes, the last 100 events"
out_has " bytes, by minute"
out_has "    player.staked_per_game: computed when it is read"
out_has "    journey.bets: at most 64 bytes, one total"
head -c 4096 /dev/urandom >noise.promo
expect "check noise" 1 check noise.promo

# ---------------------------------------------------------------- build, verify, disasm

expect "build" 0 build shop -o shop.pbc
out_is_empty
err_has "shop.pbc: 1 campaign, "
expect "build again" 0 build shop/ -o again.pbc
same shop.pbc again.pbc
name="build from inside the folder"
if (cd shop && "$promo" build . -o ../inside.pbc 2>/dev/null); then pass; else fail "exit status"; fi
same shop.pbc inside.pbc
"$promo" build shop -o - >stdout 2>stderr
name="build to standard output"; out_is shop.pbc
expect "build without an output" 2 build shop
err_has "say where the bundle goes: -o FILE.pbc"
expect "build what is broken" 1 build broken -o broken.pbc
err_has "did you mean"
no_file broken.pbc
expect "build to nowhere" 2 build shop -o missing/shop.pbc
err_has '`missing/shop.pbc` could not be written: No such file or directory'
cp shop.pbc kept.pbc
expect "a failed build leaves the bundle" 1 build broken -o kept.pbc
same shop.pbc kept.pbc
expect "verify" 0 verify shop.pbc
out_has "shop.pbc: proven safe; 1 campaign"
out_has '"Gift" meaning '
expect "verify two" 0 verify shop.pbc again.pbc
out_lines 6
expect "verify without a path" 2 verify
expect "verify a missing file" 2 verify missing.pbc
expect "verify noise" 1 verify noise.promo
err_has "is refused"
err_has "build it again from its source"
size=$(stat -c %s shop.pbc)
head -c $((size / 2)) shop.pbc >half.pbc
expect "verify half a bundle" 1 verify half.pbc
{ head -c $((size / 2)) shop.pbc; printf '\377\376\375'; tail -c +$((size / 2 + 4)) shop.pbc; } >spoilt.pbc
expect "verify a spoilt bundle" 1 verify spoilt.pbc
expect "verify one good and one bad" 1 verify shop.pbc half.pbc
expect "disasm" 0 disasm shop.pbc
out_has "Gift"
cp stdout disassembly
expect "disasm of the source" 0 disasm shop
out_is disassembly
expect "disasm without a path" 2 disasm
expect "disasm of two" 2 disasm shop.pbc again.pbc
expect "disasm of noise" 1 disasm half.pbc
err_has "is refused"

# ---------------------------------------------------------------- stdlib

expect "stdlib" 0 stdlib
for part in events attributes actions metrics segments policies rules holidays; do out_has "$part "; done
expect "stdlib events" 0 stdlib events
out_has "event deposit"
expect "stdlib of nothing" 2 stdlib event
err_has 'the standard library has no part `event`'
err_has 'did you mean `promo stdlib events`?'
expect "stdlib of two" 2 stdlib events actions

# ---------------------------------------------------------------- fmt

printf 'message "m"\nabout casino\n    inbox "en"   "Hi"   # kept\nend\n' >messy.promo
cp messy.promo untouched.promo
expect "fmt --check" 1 fmt --check messy.promo
err_has "messy.promo: not in canonical form"
same messy.promo untouched.promo
expect "fmt" 0 fmt messy.promo
out_is_empty
err_has "messy.promo: formatted"
differ messy.promo untouched.promo
name="fmt keeps comments"; cp messy.promo stdout; out_has "# kept"
expect "fmt again" 0 fmt messy.promo
err_is_empty
expect "fmt --check of the result" 0 fmt --check messy.promo
"$promo" fmt - <untouched.promo >stdout 2>stderr
name="fmt of standard input"; out_is messy.promo; err_is_empty
cp broken/broken.promo broken-before.promo
expect "fmt of what is broken" 1 fmt broken/broken.promo
err_has "did you mean"
same broken/broken.promo broken-before.promo
expect "fmt of a folder" 0 fmt shop
"$promo" fmt --explicit - <shop/shop.promo >stdout 2>stderr
name="fmt --explicit"; out_has "class  marketing"
expect "fmt without a path" 2 fmt
expect "fmt of a missing file" 2 fmt missing.promo
if [ "$(id -u)" != 0 ]; then
    mkdir -p locked && cp untouched.promo locked/messy.promo && chmod -w locked
    expect "fmt where nothing may be written" 2 fmt locked/messy.promo
    err_has "could not be written"
    same locked/messy.promo untouched.promo
fi

# ---------------------------------------------------------------- test

expect "test" 0 test shop
out_has "ok    a tenth comes back"
out_has "2 passed, 0 failed"
err_is_empty
plain
expect "test what fails" 1 test red
out_has "FAIL  <a> & tenth comes back"
out_has "red/red.promo:"
out_has "what happened:"
out_has "amount is 4 EUR"
out_has "1 passed, 1 failed"
expect "test as JUnit" 1 test --format junit red
name="JUnit is XML"; if "$tools/xml_tool" <stdout 2>why; then pass; else fail "$(cat why)"; fi
out_has 'tests="2" failures="1"'
out_has '&lt;a&gt; &amp; tenth'
expect "test as JUnit, all fine" 0 test --format junit shop
name="JUnit of passed tests is XML"; if "$tools/xml_tool" <stdout 2>why; then pass; else fail "$(cat why)"; fi
expect "test as JSON" 1 test --format json red
out_json
json_is passed 1
json_is failed 1
json_is tests 2
json_is tests.0.passed false
json_is tests.0.failures.0.line 43
json_is tests.1.passed true
printf 'test "empty-handed"\n  given a player\n  at 2026-06-10 12:00  registration\nend\n' >pointless.promo
cat shop/shop.promo >>pointless.promo
expect "a test that expects nothing" 1 test pointless.promo
out_has "FAIL  empty-handed"
out_has "this test expects nothing"
expect "test in an unknown format" 2 test --format yaml shop
expect "test --only" 0 test --only late shop
out_has "1 passed, 0 failed"
expect "test --only nothing" 1 test --only zebra shop
err_has "there is no test with this name"
expect "test --only nothing as JSON" 1 test --only zebra --format json shop
out_json
expect "test --coverage" 0 test --coverage shop
out_has 'coverage of "Gift": 2 of 2 steps, 2 of 2 effects, '
out_has '`amount is at least 50 EUR` was never judged'
out_has 'shop.promo:18: `age_verified is yes` was never no'
out_has 'shop.promo: no journey ended as "NO_GIFT"'
out_lacks '"PAID"'
out_has "2 passed, 0 failed"
expect "what one test does not reach" 0 test --coverage --only late shop
out_has '1 of 2 steps, 1 of 2 effects'
out_has 'step "Pay" was never reached'
out_has 'credit "gift" was never made'
expect "test --coverage as JSON" 0 test --coverage --format json shop
out_json
json_is coverage.0.campaign Gift
json_is coverage.0.steps.0 2
json_is tests.1.passed true
expect "test --coverage as JUnit" 2 test --coverage --format junit shop
err_has "--coverage is told as text or json"
expect "test without tests" 1 test warned
err_has "there is no test in these files"
expect "test what is broken" 1 test broken
out_is_empty
err_has "did you mean"
expect "test without a path" 2 test

# ---------------------------------------------------------------- run

expect "run" 0 run --bundle shop.pbc --events events.ndjson --effects effects.ndjson
out_has "Gift"
out_has "13 records folded"
err_is_empty
plain
events effects.ndjson 5
expect "run of the source" 0 run --bundle shop --events events.ndjson --effects -
out_is effects.ndjson
err_has "13 records folded"
"$promo" run --bundle shop.pbc --events - --effects - <events.ndjson >stdout 2>stderr
name="run from standard input"; out_is effects.ndjson
expect "run without effects" 0 run --bundle shop.pbc --events events.ndjson
out_has "credits"
cp stdout summary.txt
for shards in 1 4 7 64; do
    expect "run with $shards shards" 0 run --bundle shop.pbc --events events.ndjson --effects - --shards $shards
    out_is effects.ndjson
done
expect "run in small batches" 0 run --bundle shop.pbc --events events.ndjson --effects - --batch 1 --checkpoint 2
out_is effects.ndjson
for shards in 0 65 -1 x ''; do
    expect "run with '$shards' shards" 2 run --bundle shop.pbc --events events.ndjson --shards "$shards"
    err_has "is not a number of shards: write a whole number from 1 to 64"
done
expect "effects are appended" 0 run --bundle shop.pbc --events events.ndjson --effects effects.ndjson
events effects.ndjson 10
head -n 5 effects.ndjson >once.ndjson
printf '{"id":"cut' >cut.ndjson
expect "a line that a killed run left" 0 run --bundle shop.pbc --events events.ndjson --effects cut.ndjson
same cut.ndjson once.ndjson
expect "run as JSON" 0 run --bundle shop.pbc --events events.ndjson --json
out_json
json_is lines 13
json_is records 13
json_is refused 0
json_is campaigns.0.campaign Gift
json_is campaigns.0.entered 4
json_is campaigns.0.budget.cap 1200
json_is campaigns.0.proven.player 1000
{ cat events.ndjson; sed -n 1p events.ndjson; sed -n 1p events.ndjson | sed 's/"player":"[^"]*"/"player":"other"/'; } >again.ndjson
expect "records of no effect" 0 run --bundle shop.pbc --events again.ndjson
out_has "not applied: DUPLICATE 1, EVENT_ID_REUSED 1"
expect "records of no effect, as JSON" 0 run --bundle shop.pbc --events again.ndjson --json
json_is records 15
json_is not_applied.0.reason DUPLICATE
json_is not_applied.0.count 1
json_is not_applied.1.reason EVENT_ID_REUSED
expect "JSON and effects at the same place" 2 run --bundle shop.pbc --events events.ndjson --json --effects -
err_has "would both write to standard output"
expect "JSON and notes at the same place" 2 run --bundle shop.pbc --events events.ndjson --json --notes -
expect "effects and notes at the same place" 0 run --bundle shop.pbc --events events.ndjson --effects - --notes notes.ndjson
name="notes"; cp notes.ndjson stdout; out_has '"reason":"NOT_IN_AUDIENCE"'
if "$tools/json_tool" --lines <notes.ndjson >/dev/null 2>why; then pass; else fail "$(cat why)"; fi
expect "notes to standard output" 0 run --bundle shop.pbc --events events.ndjson --notes -
out_is notes.ndjson

expect "lines that are no records" 1 run --bundle shop.pbc --events bad.ndjson --effects bad-effects.ndjson
err_has "line 14: "
err_has 'line 15: `depozit` is not an event of this workspace; did you mean `deposit`?'
err_has "line 17: "
out_has "3 lines were no records"
same bad-effects.ndjson once.ndjson
name="refused lines are told once"
if [ "$(grep -c '^line ' stderr)" = 3 ]; then pass; else fail "told $(grep -c '^line ' stderr) times"; fi
expect "lines that are no records, as JSON" 1 run --bundle shop.pbc --events bad.ndjson --json
json_is refused 3
for i in $(seq 30); do echo "noise $i"; done >noise.ndjson
expect "many lines that are no records" 1 run --bundle shop.pbc --events noise.ndjson
out_has "30 lines were no records"
name="each is told"; if [ "$(grep -c '^line ' stderr)" = 30 ]; then pass; else fail "told $(grep -c '^line ' stderr)"; fi
: >nothing.ndjson
expect "run of nothing" 0 run --bundle shop.pbc --events nothing.ndjson
out_has "0 records folded"

expect "run into a database" 0 run --bundle shop.pbc --events events.ndjson --db state.db --effects db.ndjson
same db.ndjson once.ndjson
expect "the same again" 0 run --bundle shop.pbc --events events.ndjson --db state.db --effects db.ndjson
events db.ndjson 5
expect "the database has its bundle" 0 run --events nothing.ndjson --db state.db --shards 3
out_has "Gift"
head -n 10 events.ndjson >part1.ndjson
tail -n +11 events.ndjson >part2.ndjson
expect "the first half" 0 run --bundle shop.pbc --events part1.ndjson --db halves.db --effects halves.ndjson --shards 4
expect "the second half" 0 run --bundle shop.pbc --events part2.ndjson --db halves.db --effects halves.ndjson --shards 7
same halves.ndjson once.ndjson
head -n 8 events.ndjson >part1.ndjson
tail -n +9 events.ndjson >part2.ndjson
expect "cut inside an instant" 0 run --bundle shop.pbc --events part1.ndjson --db open.db --effects open.ndjson --open
expect "and the rest of it" 0 run --events part2.ndjson --db open.db --effects open.ndjson
name="the effects of the open end leave again with the same ids"
awk '!seen[$0]++' open.ndjson >unique.ndjson
same unique.ndjson once.ndjson

expect "run without events" 2 run --bundle shop.pbc
err_has "say where the events come from"
expect "run without a bundle" 2 run --events events.ndjson
err_has "say what to run"
expect "run with a word" 2 run --bundle shop.pbc --events events.ndjson more
err_has '`more` is not an option'
expect "run of missing events" 2 run --bundle shop.pbc --events missing.ndjson
err_has '`missing.ndjson` could not be opened'
expect "run of a missing bundle" 2 run --bundle missing.pbc --events events.ndjson
err_has '`missing.pbc` could not be opened'
expect "run of a spoilt bundle" 1 run --bundle spoilt.pbc --events events.ndjson
expect "run of what is broken" 1 run --bundle broken --events events.ndjson
err_has "did you mean"
expect "effects to nowhere" 2 run --bundle shop.pbc --events events.ndjson --effects missing/effects.ndjson
err_has '`missing/effects.ndjson` could not be opened'
expect "effects to a full disk" 2 run --bundle shop.pbc --events events.ndjson --effects /dev/full
err_has "/dev/full"
expect "a database at nowhere" 2 run --bundle shop.pbc --events events.ndjson --db missing/state.db
err_has 'missing/state.db'
expect "a database that is none" 2 run --bundle shop.pbc --events events.ndjson --db noise.promo
err_has 'noise.promo'
expect "an empty database without a bundle" 2 run --events events.ndjson --db fresh.db
err_has "fresh.db"
no_file fresh.db
expect "events that are a folder" 2 run --bundle shop.pbc --events shop
err_has '`shop`'

head -c 32 /dev/urandom >key
expect "an identity key" 0 run --bundle shop.pbc --events events.ndjson --effects keyed.ndjson --identity-key key
events keyed.ndjson 5
differ keyed.ndjson once.ndjson
head -c 31 key >short-key
expect "a short identity key" 2 run --bundle shop.pbc --events events.ndjson --identity-key short-key
err_has '`short-key` holds 31 bytes; an identity key is exactly 32'
expect "no identity key" 2 run --bundle shop.pbc --events events.ndjson --identity-key missing-key
err_has '`missing-key` could not be opened'

cp -r shop other
sed -i '1i workspace "Another shop"\n  use events\n  use actions\n  use attributes\n  product casino\n  currency EUR\n  channel inbox\nend\n' other/shop.promo
expect "a database of another workspace" 2 run --bundle other --events nothing.ndjson --db state.db
err_has "workspace"

# ---------------------------------------------------------------- explain

expect "explain a credit" 0 explain --db state.db --player ann
out_has "Player ann"
out_has '"Gift"'
out_has 'credit "gift": amount 8 EUR'
out_has 'finished as "PAID"'
err_is_empty
plain
expect "explain a refused entry" 0 explain --db state.db --player ben
out_has "[NOT_IN_AUDIENCE]"
out_has "age_verified is yes"
out_has "it would have been otherwise if"
expect "explain a deposit that was too small" 0 explain --db state.db --player cem
out_has "amount is at least 20 EUR"
out_has "it was 19.99 EUR"
out_has "20 EUR would do"
expect "explain an empty budget" 0 explain --db state.db --player dan
out_has "[BUDGET, total]"
out_has "9 EUR"
out_has "4 EUR"
expect "explain who is waiting" 0 explain --db state.db --player eve
out_has 'in step "Hello"'
out_has "2026-06-05 13:00"
out_has "amount is at least 50 EUR"
expect "explain as JSON" 0 explain --db state.db --player cem --json
out_json
json_is player cem
json_is known true
json_is campaigns.0.campaign Gift
expect "explain one campaign" 0 explain --db state.db --player ann --campaign Gift
out_has 'credit "gift"'
expect "explain an unknown player" 1 explain --db state.db --player zoe
out_has "No record of this player is in the log"
expect "explain an unknown player as JSON" 1 explain --db state.db --player zoe --json
out_json
json_is known false
expect "explain a player of another brand" 1 explain --db state.db --player ann --brand other
err_has 'has no brand `other`'
err_has "leave --brand out"
sed '1i workspace "Two brands"\n  brand north, south\n  use events\n  use actions\n  use attributes\n  product casino\n  currency EUR\n  channel inbox\nend\npolicy "Consent"\n  send inbox about casino to everyone\nend\n' shop/shop.promo >brands.promo
for brand in north south; do
    echo "{\"id\":\"b-$brand\",\"event\":\"registered\",\"player\":\"ann\",\"brand\":\"$brand\",\"at\":\"2026-06-01T10:00:00Z\",\"data\":{}}"
done >brands.ndjson
expect "a player of two brands" 0 run --bundle brands.promo --events brands.ndjson --db brands.db
expect "explain a player of two brands" 0 explain --db brands.db --player ann
out_has "of the brands north, south; --brand NAME tells of one"
expect "explain the player of one of them" 0 explain --db brands.db --player ann --brand south
out_has "Player ann of south"
out_lacks "Told together"
out_has "b-south"
out_lacks "b-north"
expect "explain a player of a brand that is not there" 1 explain --db brands.db --player ann --brand west
err_has 'there is: `north`, `south`'
expect "explain an unknown campaign" 1 explain --db state.db --player ann --campaign Gitf
err_has 'has no campaign `Gitf`'
err_has 'did you mean `Gift`?'
expect "explain without a database" 2 explain --player ann
err_has "--db FILE --player ID"
expect "explain without a player" 2 explain --db state.db
expect "explain a database that is not there" 2 explain --db nowhere.db --player ann
err_has '`nowhere.db`'
err_lacks 'nowhere.db-keys'
no_file nowhere.db
no_file nowhere.db-keys
expect "explain a database that is none" 2 explain --db noise.promo --player ann
err_has 'noise.promo'
cp state.db-keys kept-keys
rm state.db-keys
expect "explain a database without its keys" 2 explain --db state.db --player ann
err_has "state.db-keys"
mv kept-keys state.db-keys
{ for i in $(seq 300); do
    day=$(date -u -d "2026-07-01 + $i days" +%F)
    echo "{\"id\":\"s$i\",\"event\":\"registered\",\"player\":\"rex\",\"at\":\"${day}T10:00:00Z\",\"data\":{}}"
    echo "{\"id\":\"f$i\",\"event\":\"deposit\",\"player\":\"rex\",\"at\":\"${day}T10:00:01Z\",\"data\":{\"amount\":\"1.00 EUR\",\"first\":false,\"method\":\"card\"}}"
done; } >many.ndjson
sed 's/^  start on registration/&\n  enter every time/; /only for/d; s/wait up to 3 days/wait up to 1 hour/' shop/shop.promo >busy.promo
sed -i '/^test/,$d' busy.promo
expect "a busy player" 0 run --bundle busy.promo --events many.ndjson --db busy.db
expect "explain a busy player" 0 explain --db busy.db --player rex
out_has "--all"
name="a busy player's story is short"; if [ "$(wc -l <stdout)" -lt 150 ]; then pass; else fail "$(wc -l <stdout) lines"; fi
short=$(wc -l <stdout)
expect "explain all of a busy player" 0 explain --db busy.db --player rex --all
out_lacks "--all"
name="all of it is longer"; if [ "$(wc -l <stdout)" -gt $((short * 5)) ]; then pass; else fail "$(wc -l <stdout) lines"; fi

# ---------------------------------------------------------------- what is written is not what is read

cp events.ndjson own.ndjson
ln -f own.ndjson linked.ndjson
for option in --effects --notes; do
    expect "$option into the events" 2 run --bundle shop.pbc --events own.ndjson $option own.ndjson
    err_has "are one file"
    expect "$option into the events by another name" 2 run --bundle shop.pbc --events own.ndjson $option ./linked.ndjson
    expect "$option into the bundle" 2 run --bundle shop.pbc --events own.ndjson $option shop.pbc
    expect "$option into the database" 2 run --bundle shop.pbc --events own.ndjson $option state.db --db state.db
    expect "$option into the keys" 2 run --bundle shop.pbc --events own.ndjson $option state.db-keys --db state.db
    for part in -wal -shm -lock -journal -keys-wal; do
        expect "$option into state.db$part" 2 run --bundle shop.pbc --events own.ndjson $option state.db$part --db state.db
        err_has "are one file"
        if [ "$part" != -lock ]; then no_file "state.db$part"; fi # the lock stays
    done
    expect "$option into a database to be" 2 run --bundle shop.pbc --events own.ndjson $option new.db --db new.db
    no_file new.db
done
same own.ndjson events.ndjson
expect "effects and notes in one file" 2 run --bundle shop.pbc --events own.ndjson --effects both --notes both
no_file both
expect "effects and notes in one file by two names" 2 run --bundle shop.pbc --events own.ndjson --effects both --notes ./both
expect "effects and notes to nowhere" 0 run --bundle shop.pbc --events own.ndjson --effects /dev/null --notes /dev/null
name="standard output is the events"
"$promo" run --bundle shop.pbc --events own.ndjson --effects - >>own.ndjson 2>stderr; err_has "are one file"
same own.ndjson events.ndjson

# ---------------------------------------------------------------- a database that lost a part

"$promo" run --bundle shop.pbc --events events.ndjson --db parts.db >stdout 2>stderr
cp parts.db kept.db
cp parts.db-keys kept.db-keys
whole() { rm -f parts.db*; cp kept.db parts.db; cp kept.db-keys parts.db-keys; }
expect "a whole database" 0 run --events nothing.ndjson --db parts.db
whole; rm parts.db-keys
expect "keys that are gone" 2 run --bundle shop.pbc --events events.ndjson --db parts.db
err_has '`parts.db-keys` is missing or empty'
no_file parts.db-keys
whole; rm parts.db
expect "a log that is gone" 2 run --bundle shop.pbc --events events.ndjson --db parts.db
err_has 'remove both to begin anew'
no_file parts.db
whole; : >parts.db
expect "an empty log" 2 run --bundle shop.pbc --events events.ndjson --db parts.db
err_has 'remove both to begin anew'
whole
expect "a database that is whole again" 0 run --events nothing.ndjson --db parts.db
out_has "Gift"

# ---------------------------------------------------------------- time goes forward only

at() { echo "{\"id\":\"$1\",\"event\":\"registered\",\"player\":\"$1\",\"at\":\"$2T10:00:00Z\",\"data\":{}}"; }
{ at y1 2026-07-01; at y2 9999-12-31; echo '{"kind":"tick","at":"2062-07-01T00:00:00Z"}'; at y3 2026-07-02; } >years.ndjson
expect "a wrong year" 1 run --bundle shop.pbc --events years.ndjson --db years.db --notes years.notes
err_has "line 2: the record is of 9999-12-31T10:00:00.000Z, 2912261 days after the one before it (2026-07-01T10:00:00.000Z), and time never goes back; mend the year (if it is the first line that is wrong: mend that, and begin anew), or let so much time pass with \`--time-jump 2912261\`"
err_has "line 3: the record is of 2062-07-01T00:00:00.000Z, too far ahead of line 1 (2026-07-01T10:00:00.000Z), as line 2 is"
{ at y6 2026-07-03; at y7 9998-12-31; } >years.ndjson
expect "a wrong year after another run" 1 run --bundle shop.pbc --events years.ndjson --db years.db
err_has "mend the year, or let so much time pass"
name="what comes behind a wrong year is in time"; if grep -q TOO_LATE years.notes; then fail "too late"; else pass; fi
{ at y4 2026-07-02; at y5 2028-07-02; } >years.ndjson
expect "a year that may be wrong" 0 run --bundle shop.pbc --events years.ndjson
err_has "line 2: the record is of 2028-07-02T10:00:00.000Z, 731 days after the one before it (2026-07-02T10:00:00.000Z); it was taken, and time never goes back: is the year right?"
expect "a jump that is not allowed" 1 run --bundle shop.pbc --events years.ndjson --time-jump 700
expect "a jump that is allowed" 0 run --bundle shop.pbc --events years.ndjson --time-jump 731
err_is_empty

# ---------------------------------------------------------------- segments

cat >segments.promo <<'END'
segment "Idle" is players where last_seen_at is known and last_seen_at is not within last 168 hours

campaign "Back"
  product  casino
  currency EUR
  timezone "UTC"
  start after 7 days without session
  step "Only"
    tag at_risk
    finish as "DONE"
  end
end
END
for i in 1 2 3; do
    echo "{\"kind\":\"attributes\",\"id\":\"a$i\",\"player\":\"p$i\",\"at\":\"2026-06-0${i}T10:00:00Z\",\"set\":{\"last_seen_at\":\"2026-06-0${i}T10:00:00Z\"}}"
done >segments.ndjson
echo '{"id":"s1","event":"session.started","player":"p1","at":"2026-06-09T12:00:00Z","data":{}}' >>segments.ndjson
expect "by what segments change" 0 check segments.promo
out_has "\`start after 7 days without session\` starts 1 campaign; it changes by session, time alone"
out_lacks '"Idle"'
cat segments.promo >silences.promo
sed -n '/^campaign/,$p' segments.promo | sed 's/"Back"/"Back again"/' >>silences.promo
expect "two campaigns of one silence" 0 check silences.promo
out_has "\`start after 7 days without session\` starts 2 campaigns; it changes by session, time alone"
[ "$(grep -c 'start after 7 days' "$work/stdout")" = 1 ] && pass || fail "the silence is told once"
expect "a run for segments" 0 run --bundle segments.promo --events segments.ndjson --db segments.db
expect "sizes of segments" 0 segment --db segments.db
out_has "of 3 players"
out_has "2   66.7%  \"Idle\""
out_has "0    0.0%  \`start after 7 days without session\`"
expect "one segment" 0 segment --db segments.db Idle
out_has '"Idle": 2 of 3 players, 66.7%, as of 2026-06-09'
out_has "  p1"
out_has "  p2"
out_lacks "  p3"
expect "a sample" 0 segment --db segments.db --sample 1 Idle
out_lacks "  p2"
out_has "(and 1 more; --sample 100 shows more)"
expect "a sample as JSON" 0 segment --db segments.db --json Idle
out_json
json_is inside 2
expect "why not in" 0 segment --db segments.db --player p3 Idle
out_has "not in  \"Idle\"   (segments.promo)"
out_has "line 1    no   last_seen_at is not within last 168 hours   (it was 2026-06-03 10:00:00 UTC)"
out_has "time alone may change this, the next time at 2026-06-10 10:00"
out_has "it would have been otherwise if: \`last_seen_at is not within last 168 hours\`"
expect "why, as JSON" 0 segment --db segments.db --player p3 --json
out_json
expect "the line that stands for a segment" 0 segment --db segments.db --player p1
out_has "not in  \`start after 7 days without session\`"
out_has "the next time at 2026-06-16 12:00"
expect "a player whom nobody knows" 1 segment --db segments.db --player nobody
out_has "nothing is known"
expect "a misspelt segment" 1 segment --db segments.db Idel
err_has "did you mean \`Idle\`?"
expect "no database" 2 segment Idle
# ---------------------------------------------------------------- boards, codes, wallets

. "$parts/promotions.sh"

cat >call.promo <<'END'
campaign "Call"
  product  casino
  currency EUR
  timezone "UTC"
  start on command
  step "Only"
    tag at_risk
    finish as "DONE"
  end
end
END
expect "a campaign that starts on command" 0 run --bundle call.promo --events segments.ndjson --db call.db
expect "a start on command" 0 command start "Call" --player p1 --db call.db --at 2026-07-01T10:00:00Z --effects -
out_has '"effect":"tag"'
err_has '"Call" is open: players enter; 0 journeys waiting'
err_has "  p1 entered"
expect "a start of nobody" 2 command start "Call" --db call.db
err_has "--player ID"
expect "an end of one player" 2 command end "Call" --player p1 --db call.db
mkdir -p orders/old orders/new
cat >orders/old/w.promo <<'END'
message "hello"
  about casino
  email "en" "Hello"
end

campaign "Kept"
  product  casino
  currency EUR
  timezone "UTC"
  start on deposit
  step "Only"
    send email "hello"
    wait 10 days
    finish as "DONE"
  end
end
END
cat orders/old/w.promo - >orders/new/w.promo <<'END'

campaign "New"
  product  casino
  currency EUR
  timezone "UTC"
  start on deposit
  step "Only"
    wait 10 days
    finish as "DONE"
  end
end
END
deposit='"event":"deposit","data":{"amount":"50.00 EUR","first":true,"method":"card"}'
cat >orders/1.ndjson <<END
{"kind":"attributes","id":"a1","player":"p1","at":"2026-06-01T09:00:00Z","set":{"casino_email":true,"age_verified":true}}
{"id":"e1","player":"p1","at":"2026-06-01T10:00:00Z",$deposit}
END
echo "{\"id\":\"e2\",\"player\":\"p2\",\"at\":\"2026-06-02T10:00:00Z\",$deposit}" >orders/2.ndjson
expect "no such order" 2 command stop "Kept" --db orders.db
err_has '`stop` is not a command; write suspend, resume, end, kill, start or roll_back'
expect "an order without a campaign" 2 command kill --db orders.db
err_has "name the campaign"
expect "an order about everything that names a campaign" 2 command roll_back "Kept" --db orders.db
err_has "name no campaign"
expect "the journeys of another order" 2 command end "Kept" --end-journeys --db orders.db
err_has "--end-journeys belongs to roll_back"
expect "an order without a database" 2 command end "Kept"
err_has "name the database"
expect "orders: the first bundle" 0 run --bundle orders/old/w.promo --events orders/1.ndjson --db orders.db --effects -
out_has '"effect":"send"'
expect "nothing before the first bundle" 1 command roll_back --db orders.db --at 2026-06-01T12:00:00Z
err_has "there is nothing to roll back to"
expect "orders: the second bundle" 0 run --bundle orders/new/w.promo --events orders/2.ndjson --db orders.db
expect "an order about a misspelt campaign" 1 command end "Kepd" --db orders.db --at 2026-06-02T12:00:00Z
err_has 'promo: there is no campaign `Kepd`; did you mean `Kept`?'
err_has 'help: the campaigns are "Kept", "New"'
err_lacks "line 1"
out_is_empty
expect "a start where none is on command" 1 command start "Kept" --player p1 --db orders.db --at 2026-06-02T12:00:00Z
err_has 'promo: the campaign `Kept` does not start on command'
err_lacks "the campaigns are"
expect "back to the first, with its journeys" 0 command roll_back --db orders.db --at 2026-06-03T00:00:00Z --notes -
out_lacks '"note":"finished"'
err_lacks "New"
expect "forward again" 0 command roll_back --db orders.db --at 2026-06-03T01:00:00Z
out_has "New"
expect "back without them" 0 command roll_back --end-journeys --db orders.db --at 2026-06-03T02:00:00Z --notes -
out_has '"player":"p2","campaign":"New","journey":1,"step":"Only","reason":"KILLED"'
out_lacks '"campaign":"Kept"'
expect "orders of one moment: suspend" 0 command suspend "Kept" --db orders.db --at 2026-06-04T00:00:00Z --notes -
out_has '"note":"suspended"'
err_has "suspended: nobody enters"
expect "orders of one moment: end" 0 command end "Kept" --db orders.db --at 2026-06-04T00:00:00Z --notes -
out_has '"note":"stopped"'
out_has '"reason":"ENDED"'
out_lacks '"note":"finished"'
err_has "ended by a person: nobody enters"
expect "open again" 0 command resume "Kept" --db orders.db --at 2026-06-05T00:00:00Z --notes -
out_has '"note":"resumed"'
err_lacks "nobody enters"
expect "killed" 0 command kill "Kept" --db orders.db --at 2026-06-06T00:00:00Z --id k1 --notes - --effects "$work/orders.effects"
out_has '"reason":"KILLED"'
err_has '"Kept" is killed by a person: nobody enters; 0 journeys waiting'
err_has "  2 journeys ended"
err_has "  1 message asked back"
err_lacks "entered"
err_lacks '"New"'
expect "the same order twice" 0 command kill "Kept" --db orders.db --at 2026-06-06T00:00:00Z --id k1 --notes -
out_lacks '"note":"finished"'
err_has "nothing was done now: an order with this id was carried out before"
err_lacks "journey ended"
expect "why it ended" 0 explain --db orders.db --player p1
out_has 'finished as "KILLED"'
out_has 'asked back: email "hello" sent'
expect "what starts it" 0 explain --db segments.db --player p2
out_has "it starts on \`start after 7 days without session\`"

# ---------------------------------------------------------------- bounds by period

cat >weekly.promo <<'END'
campaign "Weekly"
  product  casino
  currency EUR
  timezone "UTC"
  budget
    per week    500 EUR
    per player   10 EUR per week
  end
  start on session
  enter every time
  offer cash "gift"
    amount    4 EUR
    wagering  none
  end
  step "Only"
    credit "gift"
    finish as "DONE"
  end
end
END
expect "what a budget by period allows" 0 check weekly.promo
out_has '"Weekly" can spend at most 10 EUR a week on a player, 500 EUR a week in all'
{
    echo '{"kind":"attributes","id":"a9","player":"p1","at":"2026-06-09T11:00:00Z","set":{"age_verified":true}}'
    tail -n 1 segments.ndjson
} >weekly.ndjson
expect "a run says the same" 0 run --bundle weekly.promo --events weekly.ndjson
out_has "at most 10 EUR a week on a player; the largest was 4 EUR over all time. At most 500 EUR a week in all; it was 4 EUR over all time"

# ---------------------------------------------------------------- on a terminal

if command -v script >/dev/null; then
    # on_terminal COMMAND: its output, colours and all, in $work/stdout.
    on_terminal() { script -qec "$1" /dev/null </dev/null >"$work/stdout" 2>/dev/null; : >"$work/stderr"; }
    name="colours on a terminal"
    on_terminal "$promo check broken"; out_has $'\033['
    on_terminal "$promo test shop"; out_has $'\033[32m'
    on_terminal "$promo run --bundle shop.pbc --events events.ndjson"; out_has $'\033[1mGift'
    name="NO_COLOR"
    on_terminal "NO_COLOR=1 $promo check broken"; out_lacks $'\033['
    on_terminal "NO_COLOR=1 $promo test shop"; out_lacks $'\033['
    on_terminal "NO_COLOR=1 $promo run --bundle shop.pbc --events events.ndjson"; out_lacks $'\033[1m'
    name="progress on a terminal"
    for i in $(seq 20000); do echo "{\"id\":\"p$i\",\"event\":\"session.started\",\"player\":\"x$i\",\"at\":\"2026-06-02T10:00:00Z\",\"data\":{}}"; done >long.ndjson
    on_terminal "$promo run --bundle shop.pbc --events long.ndjson --batch 10 --db long.db"; out_has " records, "; out_has " a second, "
    name="no progress in a pipe"
    "$promo" run --bundle shop.pbc --events long.ndjson >stdout 2>stderr; err_is_empty; plain
fi

echo "cli: $passed passed, $failed failed"
[ $failed = 0 ]
