#!/usr/bin/env bash
# restores.sh [COUNT [SEED]]: COUNT histories by seeds from SEED on: a copy, more credits, a lost disk, a restore with the whole, a part or none of the wallet's
# statement, the same events again. Nobody is paid twice and no budget is exceeded over both lives. What it plays: restores_tool.c. A forged statement
# must be seen each time.
set -eu
PROMO=${PROMO:-build/promo} OUT=${OUT:-build}
count=${1:-60} first=${2:-1}
work=$(mktemp -d -p "$([ -w /dev/shm ] && echo /dev/shm || echo "${TMPDIR:-/tmp}")")
trap 'rm -rf "$work"' EXIT
started=$SECONDS failed=0
echo "restores: seed $first, $count histories"
"$PROMO" build tests/repair/gift.promo -o "$work/gift.pbc" >/dev/null 2>&1
"$OUT/tests/restores_tool" "$work/gift.pbc" "$work" "$first" "$count" >"$work/said" 2>&1 || failed=1
cat "$work/said"
if [ "$failed" = 0 ] && grep -q ' 0 lost credits' "$work/said"; then
    echo "FAIL no credit was ever lost: nothing was tried"
    failed=1
fi
if CANARY=1 "$OUT/tests/restores_tool" "$work/gift.pbc" "$work" "$first" 60 >"$work/canary" 2>&1; then
    echo "FAIL a forged statement is not seen"
    failed=1
fi
if [ -n "${TORTURE_LOG:-}" ]; then
    restores=$(sed -n 's/.* histories, \([0-9]*\) restores.*/\1/p' "$work/said")
    printf 'repair\trestores of a lost database (budget exceeded or paid twice: 0)\t%s\t%s\tseed %s..%s\t%s\n' "${restores:-0}" "$failed" "$first" $((first + count - 1)) $((SECONDS - started)) >>"$TORTURE_LOG"
fi
[ "$failed" = 0 ]
