#!/usr/bin/env bash
# Builds the web page (web/ -> web/dist) when its sources changed; quick when they did not. Node 18 or
# newer is taken from PATH, else installed from Debian. When npm's registry cannot be reached the
# program is built all the same, with the page that is there, or none: this script never fails.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
web=$here/../web
[ -f "$web/package.json" ] || exit 0
cd "$web"

missing() {
  echo "warning: the web page was not built: $1" >&2
  [ -f dist/index.html ] && echo "warning: an older page is used" >&2 ||
    echo "warning: the program will have no page; its API and command line are whole" >&2
  exit 0
}

# One line for all files of the page, their names and contents; not for what is made from them.
hash_of_sources() {
  find . \( -name node_modules -o -name dist \) -prune -o -type f -print0 | sort -z |
    xargs -0 sha256sum | sha256sum | cut -d' ' -f1
}
# Files beside node_modules/: whoever removes those builds anew.
is_stamped() { [ -f "node_modules/$1" ] && [ "$(cat "node_modules/$1")" = "$2" ]; }

sources=$(hash_of_sources)
[ -f dist/index.html ] && is_stamped .gnosis-sources "$sources" && exit 0

has_node() {
  command -v npm >/dev/null && command -v node >/dev/null &&
    node -e 'process.exit(parseInt(process.versions.node) >= 18 ? 0 : 1)'
}
has_node || "$here/install-packages.sh" web || missing "nodejs and npm could not be installed"
has_node || missing "there is no Node.js 18 or newer"

lock=$(sha256sum package-lock.json | cut -d' ' -f1)
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! is_stamped .gnosis-lock "$lock"; then
  npm ci --no-audit --no-fund >"$log" 2>&1 || { tail -5 "$log" >&2; missing "npm ci failed"; }
  mkdir -p node_modules  # there is none without dependencies
  echo "$lock" >node_modules/.gnosis-lock
fi
npm run build >"$log" 2>&1 || { tail -20 "$log" >&2; missing "npm run build failed"; }
echo "$sources" >node_modules/.gnosis-sources
