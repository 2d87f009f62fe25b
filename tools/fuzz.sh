#!/usr/bin/env bash
# Searches with every libFuzzer target of tests/fuzz, one after the other, each for so many seconds,
# on a copy of its corpus. A finding stops its target and is kept in build/fuzz/findings.
#   fuzz.sh SECONDS [TARGET...]
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=$1
shift
tools/build.sh fuzz fuzz_targets >&2
[ $# -gt 0 ] || set -- $(cd tests/fuzz/corpus && ls)
mkdir -p build/fuzz/findings
failed=0
for target in "$@"; do
  grown=build/fuzz/grown/$target
  mkdir -p "$grown"
  if "build/fuzz/bin/${target}_fuzz" -max_total_time="$seconds" -print_final_stats=1 -timeout=20 \
    -artifact_prefix="build/fuzz/findings/$target-" "$grown" "tests/fuzz/corpus/$target" \
    >"build/fuzz/$target.log" 2>&1; then
    echo "$target: nothing found, $(awk '/number_of_executed_units/ { print $2 }' "build/fuzz/$target.log") inputs in $seconds s"
  else
    echo "$target: FOUND, see build/fuzz/$target.log and build/fuzz/findings"
    failed=1
  fi
done
exit "$failed"
