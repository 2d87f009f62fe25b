#!/bin/bash
# make_scan.sh PAGES OUT.pdf: a scan of PAGES A4 pages of text, 300 dpi, grey JPEG, no text layer.
#
# Twenty different pages are typeset from scan_text.txt (shuffled, another typeface and size each
# time) and drawn with a little skew, blur and grain. A longer document repeats them in order, as
# page objects of their own that share the images, so that 2,000 pages take no longer than twenty.
# The same arguments give the same file.
#
# Debian 12: apt-get install groff ghostscript imagemagick img2pdf openssl qpdf
set -euo pipefail

if [[ $# -ne 2 || ! $1 =~ ^[1-9][0-9]*$ ]]; then
  echo "usage: make_scan.sh PAGES OUT.pdf" >&2
  exit 1
fi
pages=$1
here=$(cd "$(dirname "$0")" && pwd)
out=$(realpath "$2")
different=$((pages < 20 ? pages : 20))
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# Random bits that are the same every time: a cipher's key stream, the sheet's number as the key.
shuffled() {
  shuf "$here/scan_text.txt" --random-source=<(openssl enc -aes-128-ctr -in /dev/zero \
    -K "$(printf '%032x' "$1")" -iv "$(printf '%032x' 0)" 2>/dev/null)
}

# More text than a page holds, in paragraphs of three to six sentences: only page 1 is drawn.
compose() {
  local number=$1
  local families=(T P BM N H) sizes=(10.5 11 11.5)
  local size=${sizes[number % 3]}
  printf '.nr PO 2.3c\n.nr LL 16.4c\n.nr HM 2.2c\n.nr FM 1.8c\n.ds CH\n.lg 0\n'
  printf '.nr PS %s\n.nr VS %s\n.fam %s\n' "$size" $((14 + number % 3)) "${families[number % 5]}"
  printf '.LP\n\\s+2\\fBSheet %d\\fP\\s0\n' "$number"
  shuffled "$number" |
    awk -v every=$((3 + number % 4)) 'NR % every == 1 { print ".PP" } { print }'
}

draw() {
  local number=$1 page
  page=$(printf 'page-%02d' "$number")
  compose "$number" | groff -K utf8 -ms -T ps -P-pa4 -d paper=a4 >"$page.ps"
  gs -q -dNOPAUSE -dBATCH -dSAFER -sDEVICE=pnggray -r300 -dTextAlphaBits=4 -g2480x3508 \
    -dLastPage=1 -sOutputFile="$page.png" "$page.ps"
  convert "$page.png" +level 12%,95% -background 'gray(95%)' \
    -rotate "0.$((number % 4))" -gravity center -extent 2480x3508 -blur 0x0.8 \
    -seed "$number" -attenuate 0.1 +noise Gaussian -colorspace Gray -strip -quality 60 "$page.jpg"
}

for number in $(seq "$different"); do draw "$number"; done
img2pdf --nodate --imgsize 300dpi -o sheets.pdf page-*.jpg
range=$(for ((page = 0; page < pages; ++page)); do echo $((page % different + 1)); done | paste -sd,)
qpdf --deterministic-id --empty --pages sheets.pdf "$range" -- "$out"
