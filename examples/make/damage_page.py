#!/usr/bin/python3
"""damage_page.py IN.pdf OUT.pdf PAGE: spoils one page in place, as bad blocks of a disk would.

The page's box shrinks to nothing and its content becomes noise; no other byte changes. (Damage to
the page's object itself would hide the pages behind it as well: most readers then lose count.)
IN.pdf is one that `qpdf --qdf` wrote.
"""
import re
import sys


def spoil_box(data, page):
    start = [match.start() for match in re.finditer(rb"  /MediaBox \[", data)][page - 1]
    end = data.index(b"]", start)
    data[start:end] = re.sub(rb"[1-9]\d\d", b".01", data[start:end])


def spoil_content(data, page):
    start = data.index(b"stream\n", data.index(b"%% Contents for page %d\n" % page)) + 7
    end = data.index(b"endstream", start)
    data[start:end] = b"\xa5" * (end - start)


def main(source, target, page):
    with open(source, "rb") as file:
        data = bytearray(file.read())
    spoil_box(data, page)
    spoil_content(data, page)
    with open(target, "wb") as file:
        file.write(data)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
