"""Sends every bomb of bombs.py and every awkward file of the shared data to the running server, with
short limits. Each ends as its manifest says, or in an error that names the problem or the limit that
was reached; the server stays small and responsive, honest jobs are processed meanwhile, and no child
outlives its deadline."""
import csv
import json
import os
import tempfile
import threading
import time
import unittest
import urllib.parse

from bombs import bombs
from support import SOURCE, Server, make_pdf, page_children_of, resident_bytes

LIMITS = {"PAGE_TIMEOUT": "8s", "PAGE_CPU_TIMEOUT": "2s", "OPEN_TIMEOUT": "8s", "PAGE_MEMORY": "2GiB",
          "OCR_WORKERS": "2"}
QUERY = "?mode=skip&dpi=100&pages=1"
# A child for a one-page job opens and processes it, and is killed at the latest then; the rest is a
# margin for a busy machine.
LONGEST_LIFE_SECONDS = 8 + 8 + 15
MOST_GROWTH_BYTES = 64 << 20
CLIENTS = 3
REASONS = ("damaged", "too_large", "no_pages", "password_required", "unsupported_media_type", "child_died",
           "timeout", "invalid_argument")
SHARED = os.environ.get("GNOSIS_SHARED_DATA", os.path.join(SOURCE, "..", "shared", "data"))


def age_seconds(pid):
    with open(f"/proc/{pid}/stat") as stat, open("/proc/uptime") as uptime:
        started = int(stat.read().rsplit(")", 1)[1].split()[19]) / os.sysconf("SC_CLK_TCK")
        return float(uptime.read().split()[0]) - started


class Watch(threading.Thread):
    """Monitors the server, its template's children, and whether it responds, until told to stop."""

    def __init__(self, server):
        super().__init__()
        self.server, self.end = server, threading.Event()
        self.largest = self.oldest = self.polls = 0
        self.failures = []

    def run(self):
        while not self.end.wait(0.2):
            try:
                self.look()
            except Exception as error:  # reported when joined
                self.failures.append(repr(error))

    def look(self):
        self.largest = max(self.largest, resident_bytes(self.server.process.pid))
        for child in page_children_of(self.server):
            try:
                self.oldest = max(self.oldest, age_seconds(child))
            except (OSError, IndexError):
                pass  # it has just exited
        status = self.server.request("GET", "/livez")[0]
        self.polls += 1
        if status != 200:
            self.failures.append(f"/livez answered {status}")

    def finish(self):
        self.end.set()
        self.join()


class Outcome:
    """The outcome for one document: rejected with a code, or a job that became final."""

    def __init__(self, server, name, data, password=None):
        self.name = name
        query = QUERY + (f"&password={urllib.parse.quote(password)}" if password else "")
        status, body = server.json("POST", "/api/v1/jobs" + query, data,
                                   {"Content-Type": "application/octet-stream"})
        self.code, self.error, self.pages = body.get("code"), body.get("detail"), None
        if status != 202:
            return
        job = server.wait(body["job_id"])
        self.code = None if job["pages"]["failed"] == 0 else "page"
        page = server.json("GET", f"/api/v1/jobs/{body['job_id']}/pages")[1]["pages"][0]
        self.error = page.get("error") or ""
        folder = server.session_folder(body["job_id"])
        with open(os.path.join(folder, "metadata.json")) as file:
            self.pages = json.load(file)["document_pages"]

    @property
    def read(self):
        return self.code is None

    @property
    def limited(self):
        return any(limit in (self.error or "") for limit in
                   ("PAGE_", "OPEN_TIMEOUT", "MAX_", "max_page", "limit of this attempt"))

    @property
    def clear(self):
        """Processed, or an error with an actionable code and a message."""
        if self.read:
            return True
        if "forbidden system call" in self.error or len(self.error) < 15:
            return False
        return self.code in REASONS or any(self.error.startswith(reason) for reason in REASONS)

    def __repr__(self):
        return f"{self.name}: {'read' if self.read else self.code}, {self.pages} pages, {self.error}"


def fits(outcome, expected):
    """Whether a manifest's entry allows the outcome."""
    if not outcome.clear:
        return False
    if expected.startswith("bounded") or outcome.limited:
        return True
    if expected.startswith("must-error"):
        return not outcome.read
    if outcome.code == "unsupported_media_type" and outcome.name.endswith((".gif", ".bmp")):
        return True
    # A page of a single pixel is useless; poppler returns one where it should report an error.
    if not outcome.read and ("or clean error" in expected or "single pixel" in outcome.error):
        return True
    if expected.startswith("pages="):
        return outcome.read and outcome.pages == int(expected[6:].split()[0])
    return outcome.read


def awkward_files():
    folder = os.path.join(SHARED, "awkward")
    manifest = os.path.join(folder, "MANIFEST.tsv")
    if not os.path.exists(manifest):
        print(f"{folder} is not there: only the project's own bombs", flush=True)
        return
    with open(manifest, newline="") as rows:
        for row in csv.DictReader(rows, delimiter="\t", quoting=csv.QUOTE_NONE):
            with open(os.path.join(folder, row["file"]), "rb") as file:
                yield row["file"], file.read(), row["expected"]


class Hostile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.server = Server(cls.folder.name, **LIMITS).start()
        # By now it has allocated its baseline memory.
        for _ in range(5):
            cls.server.wait(cls.server.submit(make_pdf(2), "?mode=skip"))
        cls.small = resident_bytes(cls.server.process.pid)
        cls.watch = Watch(cls.server)
        cls.watch.start()

    @classmethod
    def tearDownClass(cls):
        cls.watch.finish()
        if cls.server.process.poll() is None:
            cls.server.stop()
        cls.folder.cleanup()

    def send_all(self, files):
        """Outcomes with the expected ones; an honest job is processed after every eighth file."""
        todo, outcomes, failures = list(files)[::-1], [], []
        lock = threading.Lock()

        def work():
            while True:
                with lock:
                    if not todo:
                        return
                    name, data, expected = todo.pop()
                    honest = len(todo) % 8 == 0
                try:
                    outcome = self.send(name, data, expected)
                    if honest:
                        self.read_honest()
                    with lock:
                        outcomes.append((outcome, expected))
                except Exception as error:
                    failures.append(f"{name}: {error!r}")

        clients = [threading.Thread(target=work) for _ in range(CLIENTS)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        self.assertEqual(failures, [])
        return outcomes

    def send(self, name, data, expected):
        if not expected.startswith("password:"):
            return Outcome(self.server, name, data)
        locked = Outcome(self.server, name, data)
        assert locked.code == "password_required", locked
        return Outcome(self.server, name, data, expected.split("=", 1)[1].split(" ")[0])

    def read_honest(self):
        job = self.server.submit(make_pdf(1), "?mode=skip")
        assert self.server.wait(job)["status"] == "completed"
        text = self.server.request("GET", f"/api/v1/jobs/{job}/result?format=txt")[2]
        assert b"Page 1 of the register" in text, text

    def test_a_bombs_end_within_the_limits(self):
        outcomes = self.send_all((name, data, "bounded") for name, data in bombs())
        wrong = [repr(outcome) for outcome, expected in outcomes if not fits(outcome, expected)]
        self.assertEqual(wrong, [])
        # Otherwise the limits were not even reached, and this test proves nothing.
        self.assertGreaterEqual(sum(outcome.limited for outcome, _ in outcomes), 8, outcomes)

    def test_b_awkward_files_end_as_their_manifest_says(self):
        outcomes = self.send_all(awkward_files())
        wrong = [f"{outcome!r}; expected {expected}" for outcome, expected in outcomes
                 if not fits(outcome, expected)]
        self.assertEqual(wrong, [])
        cut_off = [repr(outcome) for outcome, expected in outcomes
                   if outcome.limited and not expected.startswith("bounded")]
        self.assertLess(len(cut_off), 6, cut_off)

    def test_c_nothing_of_it_stays(self):
        # Makes both workers open this document.
        self.server.wait(self.server.submit(make_pdf(60), "?mode=skip"))
        deadline = time.monotonic() + LONGEST_LIFE_SECONDS
        left = [0]
        while left and time.monotonic() < deadline:
            left = page_children_of(self.server)
        self.assertEqual(left, [])
        self.watch.finish()
        self.assertEqual(self.watch.failures, [])
        self.assertLess(self.watch.oldest, LONGEST_LIFE_SECONDS)
        self.assertLess(self.watch.largest - self.small, MOST_GROWTH_BYTES)
        print(f"server {self.small >> 20} MiB before, {self.watch.largest >> 20} MiB at most; oldest child "
              f"{self.watch.oldest:.1f} s; /livez answered {self.watch.polls} times", flush=True)


if __name__ == "__main__":
    unittest.main(verbosity=1)
