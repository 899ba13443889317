#!/usr/bin/env bash
# Copies, damages and restores for TIME seconds (300), by seeds from SEED on: `make repair` starts it. Each piece repeats itself with the line it prints.
set -eu
export PROMO=${PROMO:-build/promo} OUT=${OUT:-build}
time=${TIME:-300}
seed=${SEED:-$(od -An -N3 -tu4 /dev/urandom | tr -d ' ')}
echo "repair: SEED=$seed TIME=$time"
failed=0
until_second() { # seconds, script: pieces by seed until the time is over
    local end=$((SECONDS + $1)) piece=$3
    while :; do
        "$2" "$piece" "$seed" || failed=1
        seed=$((seed + piece))
        if [ "$SECONDS" -ge "$end" ] || [ "$failed" = 1 ]; then break; fi
    done
}
tests/repair/backups.sh $((20 + time / 20)) $((60000 + time * 150)) || failed=1
until_second $((time * 35 / 100)) tests/repair/damage.sh 100
until_second $((time * 45 / 100)) tests/repair/restores.sh 100
exit "$failed"
