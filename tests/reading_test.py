"""What stands on a page comes out, wherever it stands: on the lines of a form, on a dark band, in small print,
sideways in the margin, after a leader. Pages of our own drawing, recognised by the real program."""
import json
import os
import subprocess
import tempfile
import unittest

from support import PROGRAM, pdf

WIDTH, HEIGHT = 400, 300


def drawn(content):
    """A PDF of one page with this content stream; /F1 is Helvetica, /F2 Helvetica-Bold."""
    body = b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content)
    return pdf([b"<< /Type /Catalog /Pages 2 0 R >>",
                b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
                b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents 4 0 R /Resources "
                b"<< /Font << /F1 5 0 R /F2 6 0 R >> >> >>" % (WIDTH, HEIGHT),
                body,
                b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
                b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold >>"], root=1)


def text(x, y, words, size=11, font=1, matrix=b"1 0 0 1"):
    return b"BT /F%d %d Tf %s %d %d Tm (%s) Tj ET\n" % (font, size, matrix, x, y, words.encode())


BODY = ["The committee met on the second Tuesday of the month to", "consider the report of the treasurer and agreed that the",
        "annual subscription should remain unchanged this year."]


def body(y):
    return b"".join(text(40, y - 16 * i, line) for i, line in enumerate(BODY))


class Reading(unittest.TestCase):
    def read(self, content):
        """The lines of the page's text."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "page.pdf")
            with open(path, "wb") as file:
                file.write(drawn(content))
            done = subprocess.run([PROGRAM, "ocr", path, "--mode", "force"], capture_output=True, timeout=120,
                                  stdin=subprocess.DEVNULL,
                                  env=dict(os.environ, GNOSIS_DATA_DIR=os.path.join(folder, "data")))
        self.assertEqual(done.returncode, 0, done.stderr)
        return [line for line in done.stdout.decode().replace("\f", "").split("\n") if line]

    def test_values_on_the_lines_of_a_form_stand_beside_their_labels(self):
        form = text(40, 270, "Please complete every line of this form.")
        fields = [("Name", "Margaret Holloway"), ("Street", "Orchard Close 27"), ("Town", "Beverley"),
                  ("Vehicle", "Blue estate car")]
        for i, (label, value) in enumerate(fields):
            y = 230 - 35 * i
            form += text(40, y, label) + text(140, y, value)
            form += b"1.5 w 130 %d m 360 %d l S\n" % (y - 1, y - 1)
        self.assertEqual(self.read(form), ["Please complete every line of this form.",
                                           *(f"{label} {value}" for label, value in fields)])

    def test_cells_of_a_grid_are_read_row_by_row(self):
        rows = [("Date", "Train", "From", "Fare"), ("01 May", "IC 713", "Leeds", "13.07"),
                ("02 May", "IC 726", "York", "14.14"), ("03 May", "IC 739", "Leeds", "15.21")]
        grid = b"1.5 w\n"
        for i, row in enumerate(rows):
            y = 240 - 22 * i
            for k, cell in enumerate(row):
                grid += text(48 + 80 * k, y + 6, cell)
                grid += b"%d %d 80 22 re S\n" % (40 + 80 * k, y)
        self.assertEqual(self.read(grid), [" ".join(row) for row in rows])

    def test_light_words_on_a_dark_band_are_read_where_they_stand(self):
        page = body(270)
        page += b"0 g 40 180 320 24 re f 1 g\n" + text(50, 188, "SECTION 2: HOUSEHOLD INCOME", font=2) + b"0 g\n"
        page += body(150)
        self.assertEqual(self.read(page), [*BODY, "SECTION 2: HOUSEHOLD INCOME", *BODY])

    def test_small_print_under_large_print_is_read(self):
        page = b"".join(text(40, 240 - 45 * i, line, size=32, font=2)
                        for i, line in enumerate(["SUMMER FAIR", "ON THE GREEN"]))
        page += text(40, 130, "Stalls must be booked with the secretary before June.", size=9)
        page += text(40, 116, "Dogs are welcome on a lead.", size=9)
        self.assertEqual(self.read(page), ["SUMMER FAIR", "ON THE GREEN",
                                           "Stalls must be booked with the secretary before June.",
                                           "Dogs are welcome on a lead."])

    def test_a_note_sideways_in_the_margin_is_read(self):
        page = body(270) + body(210)
        page += text(20, 60, "Registered office: 9 Mill Lane", size=10, matrix=b"0 1 -1 0")
        lines = self.read(page)
        self.assertIn("Registered office: 9 Mill Lane", lines)
        self.assertEqual([line for line in lines if "Mill Lane" not in line], BODY + BODY)

    def test_a_page_number_after_a_leader_stands_beside_its_entry(self):
        entries = [("The early years", 7), ("Letters home", 58), ("The harbour fire", 93), ("Notes and sources", 99)]
        page = text(40, 260, "Contents", size=16)
        for i, (entry, number) in enumerate(entries):
            y = 220 - 26 * i
            page += text(40, y, entry) + text(330, y, str(number))
            page += b"".join(text(160 + 8 * dot, y, ".") for dot in range(20))
        self.assertEqual(self.read(page), ["Contents", *(f"{entry} {number}" for entry, number in entries)])

    def test_the_half_of_a_sheet_that_lies_on_its_head_is_read(self):
        turned = ["Receipt number 4471, paid in cash on the ninth of August.", "Two chairs and one table, delivered to the house."]
        page = body(270)
        page += b"".join(text(360, 60 + 16 * i, line, matrix=b"-1 0 0 -1") for i, line in enumerate(turned))
        self.assertEqual(self.read(page), BODY + turned)


if __name__ == "__main__":
    unittest.main()
