"""A data folder on a full disk: a clear error, no corruption, and work resumes when there is space
again. The disk is a small tmpfs in a separate mount namespace; on a machine that does not allow this,
the test is skipped with a message."""
import os
import subprocess
import sys
import time
import unittest

from support import PROGRAM, Server, make_pdf

IN_NAMESPACE = "GNOSIS_TEST_IN_NAMESPACE"
DISK = "/mnt"


def enter_namespace():
    """Runs this file again as root in a separate user and mount namespace."""
    probe = subprocess.run(["unshare", "-rm", "mount", "-t", "tmpfs", "none", DISK],
                           capture_output=True)
    if probe.returncode != 0:
        print("skipped: no mount namespace here:", probe.stderr.decode().strip())
        sys.exit(0)
    os.execvpe("unshare", ["unshare", "-rm", sys.executable, *sys.argv],
               dict(os.environ, **{IN_NAMESPACE: "1"}))


def mount(*options):
    subprocess.run(["mount", "-t", "tmpfs", "-o", ",".join(options), "none", DISK], check=True)


class DiskFull(unittest.TestCase):
    def setUp(self):
        mount("size=600k")
        self.data = os.path.join(DISK, "data")
        os.mkdir(self.data)

    def tearDown(self):
        subprocess.run(["umount", "-l", DISK], check=True)

    def make_room(self):
        mount("remount", "size=64m")

    def test_the_command_line_says_so_and_goes_on_when_there_is_room(self):
        pdf = "/tmp/gnosis-disk-full-%d.pdf" % os.getpid()
        with open(pdf, "wb") as file:
            file.write(make_pdf(40))
        self.addCleanup(os.remove, pdf)

        def ocr():
            return subprocess.run([PROGRAM, "ocr", pdf, "--dpi", "150", "--mode", "force"],
                                  env=dict(os.environ, GNOSIS_DATA_DIR=self.data),
                                  capture_output=True, timeout=300, stdin=subprocess.DEVNULL)

        full = ocr()
        self.assertEqual(full.returncode, 5, full.stderr)
        self.assertIn(b"full", full.stderr)
        finished = {page: self.completed_at(page) for page in self.finished_pages()}
        self.assertGreater(len(finished), 0, "the disk was too small for a single page")
        self.assertLess(len(finished), 40)

        self.make_room()
        process = subprocess.Popen([PROGRAM, "ocr", pdf, "--dpi", "150", "--mode", "force"],
                                   env=dict(os.environ, GNOSIS_DATA_DIR=self.data),
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        seen = dict(finished)
        while process.poll() is None:  # the session is deleted once its text is printed
            for page in finished:
                try:
                    seen[page] = self.completed_at(page)
                except FileNotFoundError:
                    pass
            time.sleep(0.02)
        text = process.stdout.read().decode()
        self.assertEqual(process.returncode, 0, process.stderr.read())
        process.stdout.close()
        process.stderr.close()
        self.assertEqual(text.count("\f"), 39)
        for page in (1, 20, 40):
            self.assertIn(f"Page {page} of the register", text)
        self.assertEqual(seen, finished, "a page was read again")

    def test_the_server_answers_on_and_finishes_the_job_when_there_is_room(self):
        # A disk this small is below the default floor from the start: without a floor it can be filled.
        server = Server(self.data, DISK_FLOOR="0").start()
        job = server.submit(make_pdf(40), "?dpi=150&mode=force&formats=txt")
        self.wait_until_full()
        status, body = server.json("GET", f"/api/v1/jobs/{job}")
        self.assertEqual(status, 200, body)
        self.assertNotIn(body["status"], ("completed", "failed"), body)
        status, problem = server.json("POST", "/api/v1/jobs", make_pdf(400),
                                      {"Content-Type": "application/octet-stream"})
        self.assertIn(status, (503, 507), problem)
        self.assertIn("full", problem["detail"] + problem["title"])
        self.make_room()
        done = server.wait(job, seconds=120)
        self.assertEqual(done["status"], "completed", done)
        self.assertEqual(done["pages"]["completed"], 40)
        self.assertEqual(server.stop()[0], 0)

    def wait_until_full(self):
        """Waits until nothing has been written for a while: there is no space for another page."""
        deadline = time.monotonic() + 60
        last, since = -1, time.monotonic()
        while time.monotonic() < deadline and time.monotonic() - since < 2:
            pages = len(self.finished_pages())
            if pages != last:
                last, since = pages, time.monotonic()
            time.sleep(0.05)
        self.assertGreater(last, 0)
        self.assertLess(last, 40, "the disk was not filled")

    def result_files(self):
        for folder, _, names in os.walk(self.data):
            for name in names:
                if name.startswith("page_") and name.endswith("_result.json"):
                    yield os.path.join(folder, name)

    def finished_pages(self):
        return {int(os.path.basename(path).split("_")[1]): path for path in self.result_files()}

    def completed_at(self, page):
        path = self.finished_pages().get(page)
        if path is None:
            raise FileNotFoundError(page)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        return text.split('"completed_at":')[1].split('"')[1]


if __name__ == "__main__":
    if IN_NAMESPACE not in os.environ:
        enter_namespace()
    unittest.main()
