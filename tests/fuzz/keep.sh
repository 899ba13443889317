#!/usr/bin/env bash
# Minimises what fuzzing has found (build/fuzz/corpus/) together with the packs and the seeds, and writes the packs of tests/fuzz/corpus/ anew: for
# each edge one of the smallest inputs that passes it. FUZZ names one target. Run it after a long `make fuzz`.
set -eu
cd "$(dirname "$0")/../.."
unset MAKEFLAGS MFLAGS MAKELEVEL
mkdir -p tests/fuzz/corpus
for source in tests/*/*_fuzz.c; do
  name=$(basename "$source" _fuzz.c)
  if [ -n "${FUZZ:-}" ] && [ "${FUZZ%_fuzz}" != "$name" ]; then continue; fi
  FUZZ=$name TIME=20 tests/fuzz/run.sh >/dev/null || { echo "$name: fails; mend that first"; exit 1; }
  rm -rf "build/fuzz/kept/$name"
  mkdir -p "build/fuzz/kept/$name"
  build/fuzz/tests/"${name}_fuzz" -merge=1 -set_cover_merge=1 -use_counters=0 -rss_limit_mb=4096 -timeout=20 \
    "build/fuzz/kept/$name" "build/fuzz/corpus/$name" "build/fuzz/first/$name" >"build/fuzz/$name.merge.log" 2>&1
  build/tests/corpus_tool pack "build/fuzz/$name.pack" "build/fuzz/kept/$name"
  gzip -9nc "build/fuzz/$name.pack" >"tests/fuzz/corpus/$name.pack.gz"
done
