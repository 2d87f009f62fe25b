#!/usr/bin/env bash
# Runs a program inside gVisor (Debian's package runsc), which has seccomp but no Landlock.
#   in_gvisor.sh PROGRAM      exit code 77: runsc is not installed, or does not work here
set -euo pipefail
if ! command -v runsc >/dev/null; then
  echo "skipped: runsc is not installed"
  exit 77
fi
inside=(runsc --platform=ptrace --network=none do)
if ! "${inside[@]}" /bin/true >/dev/null 2>&1; then
  echo "skipped: runsc does not work here"
  exit 77
fi
exec "${inside[@]}" "$1"
