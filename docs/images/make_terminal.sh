#!/usr/bin/env bash
# Makes docs/images/terminal.png: what a terminal shows of `./run ocr examples/letter-scan.pdf`.
# By hand, after a build. Debian: apt-get install imagemagick fonts-dejavu-core
set -euo pipefail
cd "$(dirname "$0")/../.."
data=$(mktemp -d)
trap 'rm -rf "$data"' EXIT
{
  echo '$ ./run ocr examples/letter-scan.pdf'
  GNOSIS_DATA_DIR=$data build/release/bin/gnosis-ocr ocr examples/letter-scan.pdf | head -22
  echo '...'
} >"$data/screen.txt"
convert -background '#14181f' -fill '#d7dde8' -font DejaVu-Sans-Mono -pointsize 15 \
  -interline-spacing 4 "label:@$data/screen.txt" -bordercolor '#14181f' -border 24 \
  docs/images/terminal.png
