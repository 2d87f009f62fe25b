#!/usr/bin/env bash
# Installs the packages of tools/packages.txt that are missing; quick when none is.
#   install-packages.sh build | test | web
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
want=${1:-build}
mapfile -t packages < <(awk -v want="$want" '$1 == "build" || $1 == want { print $2 }' \
  "$here/packages.txt")
missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' ||
    missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0
echo "installing: ${missing[*]}"
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
