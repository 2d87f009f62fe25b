#!/bin/bash
# Makes the example documents and their truths again, from text/*.ms, into the folder above (or the
# one named as the only argument). Run by hand; the results are committed. Twice gives the same
# bytes, but for encrypted.pdf, whose encryption wants random numbers.
#
# Debian 12: apt-get install groff poppler-utils imagemagick ghostscript qpdf img2pdf libtiff-tools \
#                            libimage-exiftool-perl python3
#
# A page is typeset, and that very page gives the truth (its characters, in reading order). What is
# to look like paper is then drawn as pixels and treated as a scanner, a fax or a telephone would.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
out=$(realpath "${1:-$here/..}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export SOURCE_DATE_EPOCH=1700000000 TZ=UTC
cd "$work"

# compose NAME [HEIGHT,WIDTH]: text/NAME.ms becomes NAME.pdf, with its characters as text. The second
# step leaves out the letters of the fonts that the pages do not use.
compose() {
  groff -K utf8 -s -t -ms -I "$here/text" -T pdf -P-p"${2:-a4}" -d paper=a4 \
    "$here/text/$1.ms" >"$1.raw.pdf"
  gs -q -dNOPAUSE -dBATCH -dSAFER -sDEVICE=pdfwrite -sOutputFile="$1.small.pdf" "$1.raw.pdf"
  qpdf --deterministic-id "$1.small.pdf" "$1.pdf"
}

# truth NAME PDF...: NAME.txt, pages parted by form feeds, none after the last. Rows of a table are
# read as rows; LAYOUT=-raw (as typeset) is for columns of prose.
truth() {
  local name=$1
  shift
  for pdf in "$@"; do pdftotext "${LAYOUT:--layout}" -enc UTF-8 "$pdf" -; done |
    python3 -c '
import re, sys
text = re.sub(r" *\n *", "\n", re.sub(r" +", " ", sys.stdin.buffer.read().decode()))
pages = [re.sub(r"\n{3,}", "\n\n", page).strip() for page in text.split("\f")[:-1]]
sys.stdout.buffer.write(("\n\f".join(pages) + "\n").encode())' >"$out/$name.txt"
}

# draw NAME DPI [VERTICAL_DPI]: NAME-1.png and so on, grey.
draw() { pdftoppm -png -gray -rx "$2" -ry "${3:-$2}" "$1.pdf" "$1"; }

# scan IN OUT ANGLE PAPER INK SEED: ink on tinted paper, a little askew, a shadow towards one edge,
# slightly out of focus, with the grain of a sensor.
scan() {
  local size
  size=$(identify -format '%wx%h' "$1")
  convert "$1" -colorspace sRGB +level-colors "$5,$4" -background "$4" -rotate "$3" \
    -gravity center -extent "$size" \
    \( -size "$size" gradient:'gray(100%)'-'gray(91%)' -rotate 180 \) -compose multiply -composite \
    -blur 0x0.9 -seed "$6" -attenuate 0.12 +noise Gaussian "$2"
}

# to_pdf OUT DPI IMAGE...: images become the pages of OUT without being encoded again.
to_pdf() {
  local target=$1 dpi=$2
  shift 2
  img2pdf --nodate --imgsize "${dpi}dpi" -o images.pdf "$@"
  qpdf --deterministic-id --empty --pages images.pdf -- "$target"
}

letter_scan() {
  compose letter-scan
  truth letter-scan letter-scan.pdf
  draw letter-scan 300
  scan letter-scan-1.png letter-1.png 0.4 '#f6f0e0' '#24222b' 1
  scan letter-scan-2.png letter-2.png -0.3 '#f5eedd' '#24222b' 2
  for page in 1 2; do
    convert letter-$page.png -sampling-factor 4:2:0 -quality 42 letter-$page.jpg
  done
  to_pdf "$out/letter-scan.pdf" 300 letter-1.jpg letter-2.jpg
}

# The sheets lay in the scanner on their side and upside down; the file does not say so.
rotated_page() {
  compose rotated-page
  truth rotated-page rotated-page.pdf
  draw rotated-page 200
  scan rotated-page-1.png rotated-1.png 0.3 '#f4f4f0' '#202020' 3
  scan rotated-page-2.png rotated-2.png 0.2 '#f4f4f0' '#202020' 4
  convert rotated-1.png -rotate 90 -colorspace Gray -quality 50 rotated-1.jpg
  convert rotated-2.png -rotate 180 -colorspace Gray -quality 50 rotated-2.jpg
  to_pdf "$out/rotated-page.pdf" 200 rotated-1.jpg rotated-2.jpg
}

two_columns() {
  compose two-columns
  LAYOUT=-raw truth two-columns two-columns.pdf
  draw two-columns 300
  scan two-columns-1.png columns.png 0.25 '#f1f1ee' '#2a2a2a' 5
  convert columns.png -colorspace Gray -blur 0x0.5 -level 12%,82% +dither -posterize 8 -strip \
    -units PixelsPerInch -density 300 -define png:exclude-chunks=date,tIME \
    -define png:compression-level=9 "$out/two-columns.png"
}

born_digital() {
  compose born-digital
  truth born-digital born-digital.pdf
  cp born-digital.pdf "$out/born-digital.pdf"
}

# A till roll on a table, seen from an angle, lamp on the left. The telephone was held sideways: the
# pixels lie on their side, and EXIF's Orientation (6: turn 90 degrees clockwise) says so.
receipt_photo() {
  compose receipt-photo 14c,8c
  truth receipt-photo receipt-photo.pdf
  draw receipt-photo 330
  convert receipt-photo-1.png -colorspace sRGB +level-colors '#3a3540','#f3f1ea' paper.png
  local w h
  w=$(identify -format %w paper.png)
  h=$(identify -format %h paper.png)
  local W=1300 H=2080
  convert -size ${W}x$H -seed 7 xc:'gray(50%)' -attenuate 3 +noise Gaussian -colorspace Gray \
    -motion-blur 0x60+82 -normalize +level-colors '#3f2a1a','#8a6340' table.png
  convert paper.png -alpha set -virtual-pixel transparent -background none \
    -define distort:viewport=${W}x$H+0+0 -distort Perspective \
    "0,0 180,112  $w,0 1115,98  $w,$h 1175,1972  0,$h 130,1984" sheet.png
  convert -size ${W}x$H -seed 8 table.png \
    \( sheet.png -alpha extract -blur 0x14 -background black -alpha shape -channel A \
       -evaluate multiply 0.55 +channel \) -geometry +14+18 -compose over -composite \
    sheet.png -compose over -composite scene.png
  convert scene.png \
    \( -size ${W}x$H radial-gradient:'gray(104%)'-'gray(52%)' -distort SRT '420,700 1.35 0' \) \
    -compose multiply -composite -blur 0x0.8 -seed 9 -attenuate 0.15 +noise Gaussian \
    -rotate 270 -strip -sampling-factor 4:2:0 -quality 62 "$out/receipt-photo.jpg"
  exiftool -q -overwrite_original -n -Orientation=6 "$out/receipt-photo.jpg"
}

mixed() {
  compose mixed-digital
  compose mixed-scan
  truth mixed mixed-digital.pdf mixed-scan.pdf
  draw mixed-scan 200
  scan mixed-scan-1.png sheet.png -0.5 '#efeae0' '#2b2b38' 10
  convert sheet.png -colorspace Gray -quality 50 sheet.jpg
  to_pdf second.pdf 200 sheet.jpg
  qpdf --deterministic-id --empty --pages mixed-digital.pdf second.pdf -- "$out/mixed.pdf"
}

# 204 x 196 dots an inch, one bit each, CCITT group 4: the fine mode of a fax machine.
fax() {
  compose fax
  truth fax fax.pdf
  draw fax 204 196
  for page in 1 2; do
    scan fax-$page.png dirty-$page.png 0.3 '#ffffff' '#101010' $((10 + page))
    convert dirty-$page.png -colorspace Gray -seed $page -spread 0.6 -threshold 55% \
      -attenuate 0.03 +noise Impulse -threshold 50% black-$page.png
  done
  img2pdf --nodate --pagesize A4 --imgsize A4 --fit fill -o black.pdf black-1.png black-2.png
  gs -q -dNOPAUSE -dBATCH -dSAFER -sDEVICE=tiffg4 -r204x196 -sOutputFile=raw.tif black.pdf
  tiffset -d 0 -u 306 raw.tif
  tiffset -d 1 -u 306 raw.tif
  tiffcp -c g4 raw.tif "$out/fax.tif"
}

form() {
  compose form
  truth form form.pdf
  draw form 170
  scan form-1.png form.png -0.25 '#eef2ec' '#26303a' 13
  convert form.png -quality 45 -define webp:method=6 -strip "$out/form.webp"
}

encrypted() {
  compose encrypted
  truth encrypted encrypted.pdf
  qpdf --encrypt gnosis gnosis 256 -- encrypted.pdf "$out/encrypted.pdf"
}

damaged() {
  compose damaged
  qpdf damaged.pdf --pages . 1,3 -- readable.pdf
  truth damaged readable.pdf
  # Page 2 has no truth: nothing of it can be read.
  sed -i 's/\f/\f\f/' "$out/damaged.txt"
  qpdf --qdf --object-streams=disable --deterministic-id damaged.pdf whole.pdf
  python3 "$here/damage_page.py" whole.pdf "$out/damaged.pdf" 2
}

for example in letter_scan rotated_page two_columns born_digital receipt_photo mixed fax form \
  encrypted damaged; do
  echo "$example"
  "$example"
done
