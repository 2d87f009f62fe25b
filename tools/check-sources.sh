#!/usr/bin/env bash
# Checks that need no build: formatting, and that every *_test.cc lies where it is built.
set -euo pipefail
cd "$(dirname "$0")/.."
mapfile -t sources < <(git ls-files --cached --others --exclude-standard '*.cc' '*.h')
clang-format --dry-run -Werror "${sources[@]}"
lost=0
while read -r file; do
  # src/ROOM/*_test.cc is globbed by room_tests(); tests/CMakeLists.txt names the others.
  case "$file" in
    src/*/*/*) echo "not built: $file (rooms have no subfolders)"; lost=1 ;;
    src/*) ;;
    *) grep -q "$(basename "$file")" tests/CMakeLists.txt ||
         { echo "not built: $file is not in tests/CMakeLists.txt"; lost=1; } ;;
  esac
done < <(printf '%s\n' "${sources[@]}" | grep '_test\.cc$')
exit $lost
