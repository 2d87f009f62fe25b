#!/usr/bin/env bash
# Runs the tests of one preset.
#   run-tests.sh PRESET [--label LABEL]
set -euo pipefail
cd "$(dirname "$0")/.."
preset=$1
label=()
[ "${2:-}" != --label ] || label=(-L "$3")
export OMP_THREAD_LIMIT=1
export ASAN_OPTIONS=detect_leaks=1:abort_on_error=1:strict_string_checks=1
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
export TSAN_OPTIONS=halt_on_error=1
# Once more what failed, and both are told: on a machine that is busy with other things a child may be
# late. What is broken fails twice.
exec ctest --repeat until-pass:2 --test-dir "build/$preset" --output-on-failure --no-tests=error -j2 "${label[@]}"
