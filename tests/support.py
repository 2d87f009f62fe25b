"""Shared by the tests that run the real programs: a small PDF, a server, a client. Standard library
only."""
import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request

from pdf_file import Encryption, pdf

PROGRAM = os.environ["GNOSIS_PROGRAM"]  # .../gnosis-ocr
SOURCE = os.environ["GNOSIS_SOURCE"]    # the project's folder
EXAMPLES = os.path.join(SOURCE, "examples")
WORDS = ("harbour ledger winter copper signal garden letter market engine island paper river candle "
         "window silver bridge summer orchard lantern station").split()


def make_pdf(pages, lines_per_page=4, width=300, height=200, title="the register", password=None):
    """A PDF of `pages` small typeset pages; every page has unique text: "Page 3 of", the
    title, and words. With `password` it is encrypted."""
    objects = []  # bodies, numbered from 1
    encryption = Encryption(password) if password else None

    def add(body):
        objects.append(body)
        return len(objects)

    font = add(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    kids = []
    tree = len(objects) + 2 * pages + 1
    for page in range(1, pages + 1):
        text = [f"Page {page} of {title}"]
        for line in range(lines_per_page):
            text.append(" ".join(WORDS[(page * 7 + line * 3 + k * 5) % len(WORDS)] for k in range(4)))
        stream = b"BT /F1 16 Tf 20 %d Td 22 TL " % (height - 40)
        stream += b" ".join(b"(%s) Tj T*" % t.encode() for t in text) + b" ET"
        if encryption:
            stream = encryption.stream(len(objects) + 1, stream)
        content = add(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
        kids.append(add(b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 %d %d] /Contents %d 0 R "
                        b"/Resources << /Font << /F1 %d 0 R >> >> >>"
                        % (tree, width, height, content, font)))
    add(b"<< /Type /Pages /Count %d /Kids [%s] >>"
        % (pages, b" ".join(b"%d 0 R" % kid for kid in kids)))
    catalog = add(b"<< /Type /Catalog /Pages %d 0 R >>" % tree)
    trailer = encryption.trailer(add(encryption.dictionary())) if encryption else b""
    return pdf(objects, root=catalog, trailer=trailer)


class Server:
    """gnosis-ocr serve on a free port of loopback, over a data folder."""

    def __init__(self, data_dir, **settings):
        self.data_dir = data_dir
        self.settings = settings
        self.process = None
        self.user = None  # numeric user to run as, if started by root

    def start(self):
        environment = {**os.environ, "GNOSIS_DATA_DIR": self.data_dir, "PORT": "0",
                       "LOG_LEVEL": "info", **self.settings}
        self.log = open(os.path.join(self.data_dir, "server.log"), "ab")
        begin = self.log.tell()
        self.process = subprocess.Popen([PROGRAM, "serve"], env=environment, stderr=self.log,
                                        stdout=self.log, stdin=subprocess.DEVNULL,
                                        user=self.user, group=self.user,
                                        extra_groups=None if self.user is None else [])
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            with open(self.log.name, "rb") as log:
                log.seek(begin)
                for line in log.read().decode(errors="replace").splitlines():
                    if " listening " in line and "url=" in line:
                        self.url = line.split("url=")[1].split()[0]
                        return self
            if self.process.poll() is not None:
                break
            time.sleep(0.01)
        with open(self.log.name, "rb") as log:
            raise AssertionError("the server did not start:\n" + log.read().decode(errors="replace"))

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.log.close()

    def stop(self):
        """SIGTERM; returns (exit code, seconds it took)."""
        begin = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=30)
        self.log.close()
        return code, time.monotonic() - begin

    def request(self, method, path, body=None, headers=None):
        """(status, headers, bytes), whatever the status."""
        request = urllib.request.Request(self.url + path, data=body, method=method,
                                         headers=headers or {})
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    def json(self, method, path, body=None, headers=None):
        status, _, answer = self.request(method, path, body, headers)
        return status, json.loads(answer) if answer else None

    def submit(self, document, query="", headers=None):
        status, job = self.json("POST", "/api/v1/jobs" + query, document,
                                dict({"Content-Type": "application/octet-stream"}, **(headers or {})))
        assert status == 202, (status, job)
        return job["job_id"]

    def wait(self, job_id, seconds=300):
        deadline = time.monotonic() + seconds
        since = 0
        while time.monotonic() < deadline:
            status, job = self.json("GET", f"/api/v1/jobs/{job_id}?wait=10&since={since}")
            assert status == 200, (status, job)
            if job["status"] in ("completed", "completed_with_errors", "failed", "cancelled"):
                return job
            since = job["revision"]
        raise AssertionError(f"job {job_id} is not finished after {seconds} s: {job}")

    def session_folder(self, job_id):
        users = os.path.join(self.data_dir, "users")
        for user in os.listdir(users):
            folder = os.path.join(users, user, job_id)
            if os.path.isdir(folder):
                return folder
        raise AssertionError("no session folder")


def resident_bytes(pid):
    """OSError if there is no such process."""
    with open(f"/proc/{pid}/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def resident_mb(pid):
    return resident_bytes(pid) / 1e6


def resident_mb_of_all(pids):
    """One number per process; processes that have just ended are omitted."""
    sizes = []
    for pid in pids:
        try:
            sizes.append(resident_mb(pid))
        except OSError:
            pass
    return sizes


def children_of(pid):
    """Process ids of the direct children."""
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/stat") as stat:
                if int(stat.read().rsplit(")", 1)[1].split()[1]) == pid:
                    found.append(int(entry))
        except (OSError, IndexError):
            pass
    return found


def page_children_of(server):
    """The processes that read documents: the server's child is the template they are forked from."""
    return [child for template in children_of(server.process.pid) for child in children_of(template)]
