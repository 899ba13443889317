#!/usr/bin/env bash
#
# Analyzers read the program without running it. In `make test` one of them (cppcheck) reads vm, engine and store; `make analyze` (ALL=1) has all
# read everything: gcc's -fanalyzer, clang-tidy with clang's analyzer (.clang-tidy), cppcheck. A finding is a failure, unless exceptions.tsv
# names it with its reason; an exception that matches nothing is a failure too, so that none outlives its cause.
#
#   tests/analyze/run.sh             the share of `make test`
#   ALL=1 tests/analyze/run.sh       everything; TOOLS="gcc tidy cppcheck" chooses, JOBS=n at once
#
# A file that gcc does not read to its end in three minutes of the processor is a failure. Where gcc left out ways through a function by limits of its own, the
# line of its figures says in how many files; clang's analyzer reads these too.
#
# Ends with `analyze: N passed, N failed`. A test is a file as one tool reads it.
set -u
cd "$(dirname "$0")/../.." || exit 2
export LC_ALL=C.UTF-8
began=$SECONDS
out=${OUT:-build}
work=$out/analyze
mkdir -p "$work"
include=(-I. -Ibuild/gen -D_GNU_SOURCE '-DPROMO_VERSION="0"')
exceptions=tests/analyze/exceptions.tsv
share=$([ -n "${ALL:-}" ] && echo no || echo yes)
jobs=${JOBS:-$([ "$share" = yes ] && echo 1 || nproc)}
tools=${TOOLS:-$([ "$share" = yes ] && echo cppcheck || echo "cppcheck gcc tidy")}

if [ "$share" = yes ]; then
    mapfile -t files < <(ls vm/*.c runtime/engine/*.c runtime/store/*.c)
else
    mapfile -t files < <(ls vm/*.c compiler/*.c runtime/*/*.c)
fi

# Each tool writes its findings as `tool<TAB>file<TAB>line<TAB>check<TAB>message`.
run_cppcheck() {
    # One job and no cache: with either what it knows across files depends on what it read before.
    cppcheck -q --std=c11 --enable=warning,portability,performance --inline-suppr --max-ctu-depth=2 \
        --suppress=missingInclude --suppress=missingIncludeSystem "${include[@]}" \
        --template='cppcheck\t{file}\t{line}\t{id}\t{message}' "${files[@]}" 2>&1
}
read_by_gcc() { # FILE
    local depth=whole words flags=(-fanalyzer -Wanalyzer-too-complex -O1 -std=c11 -I. -Ibuild/gen -D_GNU_SOURCE '-DPROMO_VERSION="0"')
    words=$(ulimit -t 180 && gcc "${flags[@]}" -c -o /dev/null "$1" 2>&1) || depth=unread
    case $depth$words in whole*-Wanalyzer-too-complex*) depth=part ;; esac
    printf 'depth\t%s\t%s\n%s\n' "$1" "$depth" "$words"
}
run_gcc() {
    export -f read_by_gcc
    printf '%s\n' "${files[@]}" | xargs -P "$jobs" -I{} bash -c 'one=$(read_by_gcc "$1") && printf "%s\n" "$one"' bash {} >"$work/gcc.log"
    sed -n 's/^depth\t//p' "$work/gcc.log" | sort >"$work/gcc.depth"
    grep -v 'analyzer-too-complex' "$work/gcc.log" | sed -nE 's/^([^:]+):([0-9]+):[0-9]+: (warning|error): (.*) \[(-W[^]]+)\]$/gcc\t\1\t\2\t\5\t\4/p'
    sed -n 's/^\(.*\)\tunread$/gcc\t\1\t1\t-Wunread\tnot read to its end: it does not compile, or takes more than 180 seconds/p' "$work/gcc.depth"
}
run_tidy() {
    local run="$work/tidy.log"
    printf '%s\n' "${files[@]}" | xargs -P "$jobs" -n 4 sh -c 'clang-tidy --quiet "$@" -- -std=c11 '"$(printf "'%s' " "${include[@]}")"' 2>/dev/null' sh >"$run"
    sed -nE "s#^($PWD/|\./)?([^: ]+):([0-9]+):[0-9]+: (warning|error): (.*) \[([^]]+)\]\$#tidy\t\2\t\3\t\6\t\5#p" "$run"
    [ "${files[0]}" = "$work/canary.c" ] && return
    # Recursion is the compiler's (trees) alone: code that runs on players' events has a depth that is known.
    printf '%s\n' vm/*.c runtime/engine/*.c runtime/store/*.c | xargs -P "$jobs" -n 8 sh -c 'clang-tidy --quiet -checks="-*,misc-no-recursion" "$@" -- -std=c11 '"$(printf "'%s' " "${include[@]}")"' 2>/dev/null' sh |
        sed -nE "s#^($PWD/|\./)?([^: ]+):([0-9]+):[0-9]+: (warning|error): (.*) \[([^]]+)\]\$#tidy\t\2\t\3\t\6\t\5#p"
}

passed=0
failed=0
: >"$work/found"

# A tool that cannot see a planted fault reads nothing.
canary() { # TOOL
    local saved=("${files[@]}")
    files=("$work/canary.c")
    printf '#include <stdlib.h>\nint broken(int n);\nint broken(int n) { int *p = 0; int a[4] = {0}; if (n == 7) return *p; return a[5]; }\n' >"$work/canary.c"
    if [ "$("run_$1" | grep -c canary)" -gt 0 ]; then
        passed=$((passed + 1))
    else
        echo "FAILED $1 does not see the planted fault"
        failed=$((failed + 1))
    fi
    files=("${saved[@]}")
}
for tool in $tools; do
    command=$tool
    [ "$tool" = tidy ] && command=clang-tidy
    if ! command -v "$command" >/dev/null; then
        echo "FAILED $command is not installed: .ci/setup analyze"
        failed=$((failed + 1))
        continue
    fi
    start=$SECONDS
    case $tool in cppcheck | gcc | tidy) canary "$tool" ;; esac
    case $tool in
    cppcheck | gcc | tidy) "run_$tool" | sort -u >"$work/$tool.found" ;;
    *)
        echo "there is no tool \`$tool\`; there are cppcheck, gcc and tidy"
        exit 2
        ;;
    esac
    cat "$work/$tool.found" >>"$work/found"
    read=${#files[@]} how=
    if [ "$tool" = gcc ]; then
        read=$(grep -vc 'unread$' "$work/gcc.depth")
        how=" ($(grep -c 'whole$' "$work/gcc.depth") in all ways, $(grep -c 'part$' "$work/gcc.depth") but for ways that gcc's own limits leave out), $((${#files[@]} - read)) left out"
    fi
    echo "$tool: $read files read$how; $(wc -l <"$work/$tool.found") findings, $((SECONDS - start)) s"
    passed=$((passed + read))
    if [ -n "${TORTURE_LOG:-}" ]; then
        unexplained=$(awk -F'\t' 'NR == FNR { if ($1 !~ /^#/ && NF >= 5) { n++; t[n] = $1; f[n] = $2; c[n] = $3; m[n] = $4 } next }
            { hit = 0; for (i = 1; i <= n; i++) if ($1 == t[i] && $2 == f[i] && $4 == c[i] && index($5, m[i])) hit = 1; if (!hit) k++ } END { print k + 0 }' \
            "$exceptions" "$work/$tool.found")
        printf 'analyze\tfiles read by %s\t%s\t%s\t-\t%s\n' "$tool" "$read" "$unexplained" $((SECONDS - start)) >>"$TORTURE_LOG"
    fi
done

# Findings against exceptions: tool, file, check, part of the message, why.
awk -F'\t' -v tools=" $tools " -v all="${ALL:-}" '
    NR == FNR {
        if ($0 ~ /^#/ || NF == 0) next
        if (NF < 5 || $5 == "") { printf "FAILED exceptions.tsv:%d: a row has tool, file, check, part of the message and why\n", FNR; bad++; next }
        n++; row[n] = FNR; t[n] = $1; f[n] = $2; c[n] = $3; m[n] = $4
        next
    }
    {
        hit = 0
        for (i = 1; i <= n; i++) if ($1 == t[i] && $2 == f[i] && $4 == c[i] && index($5, m[i]) > 0) { hit = 1; used[i] = 1 }
        if (!hit) { printf "FAILED %s:%s: %s [%s %s]\n", $2, $3, $5, $1, $4; bad++ }
    }
    END {
        # In a share only what was looked at can be stale.
        for (i = 1; i <= n; i++) if (!used[i] && index(tools, " " t[i] " ") > 0 && (all != "" || (t[i] == "cppcheck" && f[i] ~ /^(vm|runtime\/engine|runtime\/store)\//))) {
            printf "FAILED exceptions.tsv:%d: nothing is found there any more; remove the row\n", row[i]; bad++
        }
        print bad + 0
    }' "$exceptions" "$work/found" >"$work/verdict"
faults=$(tail -n 1 "$work/verdict")
sed '$d' "$work/verdict"
failed=$((failed + faults))
echo "$((SECONDS - began)) seconds"
echo "analyze: $passed passed, $failed failed"
[ "$failed" = 0 ]
