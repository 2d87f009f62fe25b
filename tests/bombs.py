"""Documents designed to exhaust time or memory, each a few kilobytes to a megabyte.
Standard library only.

bombs() gives (name, bytes). The expected outcome of each is anything within the limits.
"""
import io
import struct
import zlib

from pdf_file import pdf


def stream(data, dictionary=b""):
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (dictionary, len(data), data)


def page(content, resources=b"", box=b"0 0 612 792", more=(), dictionary=b""):
    """One page; `content` is a stream object, `more` are objects from number 5 on."""
    return pdf([b"<< /Type /Catalog /Pages 2 0 R >>",
                b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
                b"<< /Type /Page /Parent 2 0 R /MediaBox [%s] /Contents 4 0 R /Resources << %s >> %s >>"
                % (box, resources, dictionary),
                content, *more])


def deflated(piece, megabytes, level=6):
    """`piece`, repeated up to this many megabytes, deflated."""
    squeeze = zlib.compressobj(level)
    block = (piece * (1_000_000 // len(piece) + 1))[:1_000_000]
    return b"".join(squeeze.compress(block) for _ in range(megabytes)) + squeeze.flush()


def image_page(width, height, data, dictionary):
    image = stream(data, b"/Type /XObject /Subtype /Image /Width %d /Height %d %s"
                   % (width, height, dictionary))
    return page(stream(b"q 612 0 0 792 0 0 cm /I Do Q"), b"/XObject << /I 5 0 R >>", more=[image])


def nested_forms(depth, calls, group=b""):
    """Forms that each draw the next one `calls` times."""
    forms = []
    for number in range(5, 5 + depth):
        last = number == 4 + depth
        content = b"0 0 9 9 re f" if last else b"/F Do " * calls
        resources = b"" if last else b"/Resources << /XObject << /F %d 0 R >> >>" % (number + 1)
        forms.append(stream(content, b"/Type /XObject /Subtype /Form /BBox [0 0 612 792] %s %s"
                            % (resources, group)))
    return page(stream(b"/F Do"), b"/XObject << /F 5 0 R >>", more=forms)


def tiling(step):
    pattern = stream(b"0 0 1 1 re f", b"/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 "
                     b"/BBox [0 0 1 1] /XStep %s /YStep %s /Resources << >>" % (step, step))
    return page(stream(b"/Pattern cs /P scn 0 0 612 792 re f"), b"/Pattern << /P 5 0 R >>",
                more=[pattern])


def shading():
    function = stream(b"{ " + b"sin cos " * 20_000 + b"pop dup dup }",
                      b"/FunctionType 4 /Domain [0 1 0 1] /Range [0 1 0 1 0 1]")
    return page(stream(b"612 0 0 792 0 0 cm /S sh"),
                b"/Shading << /S << /ShadingType 1 /ColorSpace /DeviceRGB /Function 5 0 R >> >>",
                more=[function])


def type3_calls_itself():
    glyph = stream(b"1000 0 d0 BT /T 9 Tf (aaaaaaaa) Tj ET")
    font = (b"<< /Type /Font /Subtype /Type3 /FontBBox [0 0 1000 1000] /FontMatrix [.001 0 0 .001 0 0] "
            b"/CharProcs << /a 6 0 R >> /Encoding << /Type /Encoding /Differences [97 /a] >> "
            b"/FirstChar 97 /LastChar 97 /Widths [1000] /Resources << /Font << /T 5 0 R >> >> >>")
    return page(stream(b"BT /T 99 Tf 9 9 Td (aaaaaaaa) Tj ET"), b"/Font << /T 5 0 R >>",
                more=[font, glyph])


def page_tree(kids, count, depth=0):
    """/Kids as given; or a chain of /Pages nodes."""
    if not depth:
        return pdf([b"<< /Type /Catalog /Pages 2 0 R >>",
                    b"<< /Type /Pages /Count %d /Kids [%s] >>" % (count, kids),
                    b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] >>"])
    nodes = [b"<< /Type /Pages /Count 1 /Kids [%d 0 R] >>" % (number + 1)
             for number in range(2, 2 + depth)]
    return pdf([b"<< /Type /Catalog /Pages 2 0 R >>", *nodes,
                b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 99 99] >>" % (1 + depth)])


def million_shared_pages():
    """Six levels, each with the same node ten times."""
    levels = [b"<< /Type /Pages /Count %d /Kids [%s] >>" % (10 ** (6 - i), b"%d 0 R " % (i + 3) * 10)
              for i in range(6)]
    return pdf([b"<< /Type /Catalog /Pages 2 0 R >>", *levels,
                b"<< /Type /Page /Parent 7 0 R /MediaBox [0 0 99 99] >>"])


def png(width, height, depth, colour, row_bytes):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    squeeze = zlib.compressobj(1)
    row = bytes(1 + row_bytes)
    data = b"".join(squeeze.compress(row) for _ in range(height)) + squeeze.flush()
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour,
                                                              0, 0, 0))
            + chunk(b"IDAT", data) + chunk(b"IEND", b""))


def jpeg(width, height):
    """A header that announces a large image, with an empty scan."""
    quantities = b"\xff\xdb\x00\x43\x00" + b"\x01" * 64
    frame = b"\xff\xc2" + struct.pack(">HBHHB", 17, 8, height, width, 3) + b"".join(
        bytes((i, 0x11, 0)) for i in (1, 2, 3))
    table = b"\xff\xc4" + struct.pack(">H", 20) + b"\x00" + b"\x01" + b"\x00" * 15 + b"\x00"
    scan = b"\xff\xda" + struct.pack(">HB", 12, 3) + b"\x01\x00\x02\x00\x03\x00\x00\x00\x00"
    return b"\xff\xd8" + quantities + frame + table + (scan + b"\x00" * 64) * 200 + b"\xff\xd9"


def tiff(entries, next_directory, data=b"", at=8):
    out = io.BytesIO()
    out.write(b"II*\0" + struct.pack("<I", at) + struct.pack("<H", len(entries)))
    for tag, kind, count, value in entries:
        out.write(struct.pack("<HHII", tag, kind, count, value))
    out.write(struct.pack("<I", next_directory) + data)
    return out.getvalue()


def tiff_of_one_strip(width, height, data, next_directory=0, compression=8):
    # Eight entries: the data starts at 8 + 2 + 8 * 12 + 4.
    return tiff([(256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 1), (259, 3, 1, compression),
                 (262, 3, 1, 1), (273, 4, 1, 110), (278, 4, 1, height), (279, 4, 1, len(data))],
                next_directory, data)


def webp(width, height):
    """A lossless image of the largest size, whose data is truncated."""
    bits = (width - 1) | (height - 1) << 14
    data = b"\x2f" + struct.pack("<I", bits) + b"\x00" * 64
    body = b"WEBPVP8L" + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def slow_to_open(megabytes=10_000):
    """A cross-reference stream that inflates to this many megabytes, all entries of which are read
    before the document counts as open: most of a minute of processor time."""
    squeeze = zlib.compressobj(9)
    first, other = (squeeze.compress(bytes(1 << 20)) + squeeze.flush(zlib.Z_FULL_FLUSH)
                    for _ in range(2))
    # After a full flush a piece does not refer to earlier data, so it can be repeated.
    data = zlib.compress(first + other * (megabytes - 1), 9)
    entries = b"0 100000 " * (megabytes * (1 << 20) // 3 // 100_000)
    start = b"%PDF-1.7\n"
    return start + b"1 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (
        stream(data, b"/Type /XRef /Size 100000 /W [1 1 1] /Root 2 0 R /Index [%s] "
               b"/Filter [/FlateDecode /FlateDecode]" % entries), len(start))


def bombs():
    flate = b"/Filter /FlateDecode"
    spaces = deflated(b" ", 400)
    curves = b"0 0 m " + b"".join(b"%d %d %d %d %d %d c " % (i % 613, i % 787, i % 401, i % 709, i % 97,
                                                            i % 791) for i in range(200_000)) + b"S"
    group = b"/Group << /S /Transparency /I true /K true >>"
    return [
        ("flate-spaces.pdf", page(stream(spaces, flate))),
        ("flate-flate.pdf", page(stream(zlib.compress(spaces, 9),
                                        b"/Filter [/FlateDecode /FlateDecode]"))),
        ("forms-laughs.pdf", nested_forms(10, 10)),
        ("forms-deep.pdf", nested_forms(3_000, 1)),
        ("form-calls-itself.pdf", page(stream(b"/F Do"), b"/XObject << /F 5 0 R >>", more=[
            stream(b"/F Do /F Do", b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] "
                   b"/Resources << /XObject << /F 5 0 R >> >>")])),
        ("transparency.pdf", nested_forms(60, 1, group)),
        ("tiling.pdf", tiling(b"0.01")),
        ("shading.pdf", shading()),
        ("dash.pdf", page(stream(b"[0.0001] 0 d 9 w 0 0 m 612 792 l S " * 50))),
        ("path.pdf", page(stream(zlib.compress(curves), flate))),
        ("q-nesting.pdf", page(stream(deflated(b"q ", 10), flate))),
        ("glyphs.pdf", page(stream(deflated(b"(aaaaaaaaaaaaaaaaaaaa) Tj ", 60), flate),
                            b"/Font << >>")),
        ("type3-calls-itself.pdf", type3_calls_itself()),
        ("pages-self-loop.pdf", page_tree(b"2 0 R 2 0 R", 2)),
        ("pages-count-lie.pdf", page_tree(b"3 0 R", 2_147_483_647)),
        ("pages-shared.pdf", page_tree(b"3 0 R " * 20_000, 20_000)),
        ("pages-million.pdf", million_shared_pages()),
        ("pages-deep.pdf", page_tree(b"", 1, depth=20_000)),
        ("page-huge.pdf", page(stream(b"0 0 9 9 re f"), box=b"0 0 14400 14400",
                               dictionary=b"/UserUnit 75000")),
        ("page-line.pdf", page(stream(b"0 0 9 9 re f"), box=b"0 0 1 2000000")),
        ("page-nothing.pdf", page(stream(b"0 0 9 9 re f"), box=b"0 0 0.001 0.001")),
        ("image-huge.pdf", image_page(60_000, 60_000, deflated(b"\0", 450, 1),
                                      flate + b" /ColorSpace /DeviceGray /BitsPerComponent 1")),
        ("image-nodata.pdf", image_page(2_000_000_000, 2_000_000_000, b"",
                                        b"/ColorSpace /DeviceRGB /BitsPerComponent 8")),
        ("xref-loop.pdf", pdf([b"<< /Type /Catalog /Pages 2 0 R >>",
                               b"<< /Type /Pages /Count 0 /Kids [] >>"], trailer=b"/Prev 9")),
        ("xref-stream.pdf", slow_to_open()),
        ("nested-arrays.pdf", page(stream(b"[" * 500_000))),
        ("png-20000.png", png(20_000, 20_000, 8, 0, 20_000)),
        ("png-60000-bits.png", png(60_000, 60_000, 1, 0, 7_500)),
        ("jpeg-65500.jpg", jpeg(65_500, 65_500)),
        ("tiff-60000.tif", tiff_of_one_strip(60_000, 60_000, deflated(b"\0", 450, 1))),
        ("tiff-cycle.tif", tiff_of_one_strip(9, 9, zlib.compress(bytes(18)), next_directory=8)),
        ("tiff-strips.tif", tiff([(256, 4, 1, 4_000_000_000), (257, 4, 1, 4_000_000_000),
                                  (273, 4, 1_000_000_000, 8), (279, 4, 1_000_000_000, 8)], 0)),
        ("webp-16383.webp", webp(16_383, 16_383)),
    ]


if __name__ == "__main__":
    import os
    import sys
    for name, data in bombs():
        with open(os.path.join(sys.argv[1], name), "wb") as file:
            file.write(data)
        print(f"{len(data):9} {name}")
