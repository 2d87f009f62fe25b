#!/usr/bin/env bash
# Configures (when needed) and builds one preset.
#   build.sh PRESET [TARGET...]
set -euo pipefail
cd "$(dirname "$0")/.."
preset=$1
shift
if [ ! -f "build/$preset/build.ninja" ]; then
  cmake --preset "$preset" >"/tmp/gnosis-configure-$preset.$$" 2>&1 || {
    cat "/tmp/gnosis-configure-$preset.$$" >&2
    exit 1
  }
  rm -f "/tmp/gnosis-configure-$preset.$$"
fi
exec ninja -C "build/$preset" "$@"
