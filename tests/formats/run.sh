#!/usr/bin/env bash
# Database files of older formats and versions: each opens, goes on, and gives the effects and the books that the program gave which made it. The base of those of
# format 2 has moved (an erasure, retention), so nothing but the reader of their checkpoint can bring them back.
# asan: yes
# check: yes
set -eu
PROMO=${PROMO:-build/promo} OUT=${OUT:-build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
ok() { passed=$((passed + 1)); }
bad() {
    failed=$((failed + 1))
    printf 'FAIL %s\n' "$*"
}
same() { # what, expected file, found file
    if cmp -s "$2" "$3"; then ok; else
        bad "$1"
        diff "$2" "$3" | head -n 10 || true
    fi
}
number() { "$OUT/tests/rows_tool" "$1" "PRAGMA user_version"; }
unpack() { # NAME OF-FOLDER
    rm -f "$work/go".*
    cp "$work/$1.db" "$work/go.db"
    cp "$work/$1.db-keys" "$work/go.db-keys"
}
cure="the program must still read this file. Whoever changes what a checkpoint holds raises CHECKPOINT_VERSION and has its reader take the older versions, too: runtime/engine/checkpoint.h tells how"

for folder in tests/formats/v*/; do
    format=$(basename "$folder" | tr -d v)
    for packed in "$folder"*.db.gz; do
        name=$(basename "$packed" .db.gz)
        what="v$format/$name"
        gzip -dc "$packed" >"$work/$name.db"
        gzip -dc "$folder$name.db-keys.gz" >"$work/$name.db-keys"
        gzip -dc "$folder$name.pbc.gz" >"$work/$name.pbc"
        trust=()
        [ -e "$folder$name.trust" ] && trust=(--trust "$folder$name.trust")
        # Every record of it decodes and folds, and all that stands in it agrees, before and behind the upgrade. promise R8
        "$PROMO" doctor --db "$work/$name.db" >"$work/doctor" 2>&1 && ok || bad "$what: $(grep WRONG "$work/doctor"); $cure"
        [ "$format" = 1 ] || { grep -q 'the log.s base is of an older version\|not folded' "$work/doctor" && bad "$what: its base is not read; $cure" || ok; }
        # The bundle of that time, the database's own program, and that after a fold from the base: all go on.
        for way in bundle own refold; do
            unpack "$name"
            with=("${trust[@]}")
            [ $way = bundle ] && with+=(--bundle "$work/$name.pbc")
            if [ $way = refold ]; then
                [ "$format" = 1 ] && continue
                "$PROMO" run "${with[@]}" --db "$work/go.db" --refold --events /dev/null --open --effects "$work/go.refolded" >"$work/go.out" 2>"$work/go.err" && ok ||
                    bad "$what: it is not folded from its base: $(cat "$work/go.err"); $cure"
            fi
            if "$PROMO" run "${with[@]}" --db "$work/go.db" --effects "$work/go.effects" --events "$folder$name.after.ndjson" >"$work/go.out" 2>"$work/go.err"; then ok; else
                bad "$what: the run ($way) fails: $(cat "$work/go.err"); $cure"
                continue
            fi
            # promise R4
            if [ "$(number "$work/$name.db")" = "$(number "$work/go.db")" ]; then
                if grep -q 'was of format' "$work/go.err"; then bad "$what: an upgrade is told, and there was none: $(cat "$work/go.err")"; else ok; fi
            elif grep -q "was of format $format and is of this program" "$work/go.err" || [ $way = refold ]; then ok; else
                bad "$what: nobody is told of the upgrade: $(cat "$work/go.err")"
            fi
            [ $way = refold ] || same "$what: effects ($way)" "$folder$name.effects-after" "$work/go.effects"
            "$PROMO" doctor --db "$work/go.db" >"$work/doctor" 2>&1 && ok || bad "$what: afterwards ($way): $(grep WRONG "$work/doctor")"
            tests/formats/books.sh "$work/go.db" >"$work/go.books"
            same "$what: books ($way)" "$folder$name.books" "$work/go.books"
        done
    done
done
echo "formats: $passed passed, $failed failed"
[ "$failed" = 0 ]
