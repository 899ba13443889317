#!/usr/bin/env bash
# Plants each mistake that `make tidy` knows in a tree of its own and sees it found: a check that cannot fail is none.
# check: yes
set -u
cd "$(dirname "$0")/../.." || exit 2
make --no-print-directory build/tool/tidy >/dev/null || exit 2
tidy=$PWD/build/tool/tidy
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
passed=0
failed=0

fresh() {
  rm -rf "$tree"
  mkdir -p "$tree"/{vm,compiler,runtime/engine,runtime/store,spec,tests/diagnostics,tests/bytecode}
  printf '/* The VM. */\n#include "spec/a.h"\n' >"$tree/vm/a.c"
  printf '/* A table. */\n' >"$tree/spec/a.h"
  printf '# Language\n\n## Rounding money\n' >"$tree/spec/language.md"
}

# A mistake must be named; a sound tree must pass.
expect() { # WORDS
  local output
  output=$("$tidy" "$tree")
  if [ $? = 1 ] && grep -qF -- "$1" <<<"$output"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    printf 'not found: %s\n%s\n' "$1" "$output"
  fi
}

fresh
if "$tidy" "$tree" >/dev/null; then passed=$((passed + 1)); else failed=$((failed + 1)); "$tidy" "$tree"; fi

fresh; printf '/* x */\n#include "compiler/c.h"\n' >"$tree/runtime/engine/e.c"
expect 'runtime/engine/e.c:2: runtime/engine may not include `compiler/c.h`'
fresh; printf '/* x */\n#include "runtime/store/s.h"\n' >"$tree/vm/b.c"
expect 'vm may not include `runtime/store/s.h`'
fresh; printf '/* x */\n#include "arena.h"\n' >"$tree/vm/b.c"
expect 'is not written from the repository root'
fresh; printf '/* x */\n#include <sqlite3.h>\n' | tee "$tree/vm/b.c" >"$tree/runtime/store/s.c"
expect 'one folder knows each library'
fresh; printf '/* time(NULL) is fine here */\nlong x(void) { return time(NULL); }\n' >"$tree/runtime/engine/e.c"
expect 'runtime/engine/e.c:2: `time(NULL` has no place here'
fresh; printf '/* x */\n/* spec: language.md#rounding-mony */\n' >"$tree/vm/b.c"
expect 'has no heading for `#rounding-mony`'
fresh; printf '/* x */\n/* spec: lingo.md#rounding */\n' >"$tree/vm/b.c"
expect 'there is no page `spec/lingo.md`'
fresh; printf 'see [there](nowhere.md)\n' >>"$tree/spec/language.md"
expect 'the link leads nowhere: `nowhere.md`'
fresh; printf '/* x */\nDIAGNOSTIC(401, ERROR, TYPE_MISMATCH, "a", "b")\n' >"$tree/spec/diagnostics.def"
expect 'TYPE_MISMATCH has no golden test tests/diagnostics/E0401_*.promo'
fresh; printf '/* x */\nOPCODE(1, ADD, OUT, "x")\n' >"$tree/spec/opcodes.def"; touch "$tree/tests/bytecode/op_add_ok.asm"
expect 'ADD has no refused test tests/bytecode/op_ADD_bad.asm'
fresh; printf '/* x */\nOPCODE(1, A, OUT, "x")\nOPCODE(1, B, OUT, "x")\n' >"$tree/spec/opcodes.def"
expect 'the number 1 is used on line 2 already'
fresh; { printf '/* x */\n'; yes 'int x;' | head -n 1300; } >"$tree/vm/b.c"
expect 'vm/b.c: 1301 lines; split it by thing'
fresh; printf 'int x;\n' >"$tree/vm/b.c"
expect 'vm/b.c:1: does not begin with a comment'
fresh; printf '/* x */\n/* FIX''ME later */\n' >"$tree/vm/b.c"
expect 'is for a branch, not for main'
fresh; touch "$tree/notes.txt"
expect 'notes.txt: not one of the top-level entries'

fresh; printf -- '- **[D1]** It holds.\n' >>"$tree/spec/language.md"
expect 'no test names it: `promise D1`'
fresh; printf -- '- **[D1]** It holds.\n- **[D1]** It too.\n' >>"$tree/spec/language.md"
expect 'the promise D1 stands in spec/language.md'
fresh; printf '/* promises D1, D2 */\n' >"$tree/tests/diagnostics/a.c"; printf -- '- **[D1]** It holds.\n' >>"$tree/spec/language.md"
expect 'no page of spec/ makes the promise D2'

echo "tidy's canaries: $passed passed, $failed failed"
[ "$failed" = 0 ]
