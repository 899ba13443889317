#!/usr/bin/env bash
# Runs every block of campaign language in the reference and the readme.
#
#   ```promo                    a complete file: must check without errors or warnings, and its tests must pass
#   ```promo-fragment NAME      lines that stand in the place of @@ in tests/docs/scaffold/NAME.promo; must check without errors
#   ```promo-error CODE [NAME]  a file (or such lines) that must be refused with that code, and no other
#
# Writes the blocks to build/tests/docs/, named by file and line. Prints `docs: N passed, N failed` last.
set -u
cd "$(dirname "$0")/../.." || exit 2
promo=${PROMO:-build/promo}
out=build/tests/docs
passed=0
failed=0

if ! command -v "$promo" >/dev/null; then
    echo "tests/docs/run.sh: $promo is not built" >&2
    exit 2
fi
rm -rf "$out"
mkdir -p "$out"

# One file a block: build/tests/docs/FILE-LINE.promo, and its kind in FILE-LINE.kind.
for document in README.md spec/*.md; do
    awk -v out="$out" -v name="$(basename "$document" .md)" '
        /^```promo/ { inside = 1; base = sprintf("%s/%s-%04d", out, name, NR); print substr($0, 4) >(base ".kind"); close(base ".kind"); printf "" >(base ".block"); next }
        /^```/ && inside { inside = 0; close(base ".block"); next }
        inside { print >(base ".block") }
    ' "$document"
done

fail() {
    failed=$((failed + 1))
    echo "FAILED $1: $2"
    sed 's/^/    /' "$out/output" | head -30
}

for kind_file in "$out"/*.kind; do
    base=${kind_file%.kind}
    read -r kind first second <"$kind_file" || true
    file=$base.promo
    scaffold=
    strict=--deny-warnings
    case $kind in
    promo-fragment)
        scaffold=tests/docs/scaffold/$first.promo
        strict=
        ;;
    promo-error) [ -z "$second" ] || scaffold=tests/docs/scaffold/$second.promo ;;
    esac
    if [ -n "$scaffold" ]; then
        awk -v block="$base.block" '
            /^ *@@$/ {
                indent = $0
                sub(/@@/, "", indent)
                while ((getline line <block) > 0) print line == "" ? "" : indent line
                next
            }
            { print }
        ' "$scaffold" >"$file"
    else
        cp "$base.block" "$file"
    fi
    case $kind in
    promo-error)
        "$promo" check "$file" >"$out/output" 2>&1
        status=$?
        codes=$(grep -o 'error\[E[0-9]*\]' "$out/output" | sort -u | tr '\n' ' ')
        if [ $status -eq 1 ] && [ "$codes" = "error[$first] " ]; then
            passed=$((passed + 1))
        else
            fail "$file" "expected error[$first], status 1; got ${codes:-no error}, status $status"
        fi
        ;;
    *)
        if ! "$promo" check $strict "$file" >"$out/output" 2>&1; then
            fail "$file" "does not check"
        elif grep -q '^test ' "$file" && ! "$promo" test "$file" >"$out/output" 2>&1; then
            fail "$file" "its tests fail"
        else
            passed=$((passed + 1))
        fi
        ;;
    esac
done

echo "docs: $passed passed, $failed failed"
[ $failed -eq 0 ]
