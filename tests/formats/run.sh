#!/usr/bin/env bash
# Database files of older formats: each opens, goes on, and gives the effects and the books that the program gave which made it.
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

for folder in tests/formats/v*/; do
    for packed in "$folder"*.db.gz; do
        name=$(basename "$packed" .db.gz)
        what="$(basename "$folder")/$name"
        gzip -dc "$packed" >"$work/$name.db"
        gzip -dc "$folder$name.db-keys.gz" >"$work/$name.db-keys"
        gzip -dc "$folder$name.pbc.gz" >"$work/$name.pbc"
        # Every record of it decodes and folds, and all that stands in it agrees, before and behind the upgrade.
        "$PROMO" doctor --db "$work/$name.db" >"$work/doctor" 2>&1 && ok || bad "$what: $(grep WRONG "$work/doctor")"
        # The bundle of that time, and the database's own program: both go on.
        for bundle in "$work/$name.pbc" -; do
            rm -f "$work/go".*
            cp "$work/$name.db" "$work/go.db"
            cp "$work/$name.db-keys" "$work/go.db-keys"
            with=(--bundle "$bundle")
            [ "$bundle" = - ] && with=()
            if "$PROMO" run "${with[@]}" --db "$work/go.db" --effects "$work/go.effects" --events "$folder$name.after.ndjson" >"$work/go.out" 2>"$work/go.err"; then ok; else
                bad "$what: the run with $bundle fails: $(cat "$work/go.err")"
                continue
            fi
            # promise R4
            if grep -q 'was of format 1 and is of this program' "$work/go.err" && [ "$("$OUT/tests/rows_tool" "$work/go.db" "PRAGMA user_version")" != 1 ]; then ok; else
                bad "$what: nobody is told of the upgrade: $(cat "$work/go.err")"
            fi
            same "$what: effects with $bundle" "$folder$name.effects-after" "$work/go.effects"
            "$PROMO" doctor --db "$work/go.db" >"$work/doctor" 2>&1 && ok || bad "$what: afterwards: $(grep WRONG "$work/doctor")"
            tests/formats/books.sh "$work/go.db" >"$work/go.books"
            same "$what: books with $bundle" "$folder$name.books" "$work/go.books"
        done
    done
done
echo "formats: $passed passed, $failed failed"
[ "$failed" = 0 ]
