#!/usr/bin/env bash
# clang-tidy (.clang-tidy) over production sources, two at a time. All of them take ten minutes on two
# cores, so by default only those that the last commits and the working tree touched. Each source is
# read alone here, while builds compile several together: an include that is missing is found here.
#   check-tidy.sh [all]
set -euo pipefail
cd "$(dirname "$0")/.."
recent=5
cmake --preset tidy >/dev/null
if [ "${1:-}" = all ] || ! git rev-parse -q --verify "HEAD~$recent" >/dev/null; then
  list=(git ls-files --cached --others --exclude-standard)
else
  list=(git diff --name-only --diff-filter=d "HEAD~$recent")
fi
"${list[@]}" | grep -E '^src/.*\.cc$' | grep -v '_test\.cc$' |
  xargs -r -P "$(nproc)" -n 4 clang-tidy -p build/tidy --quiet --warnings-as-errors='*'
