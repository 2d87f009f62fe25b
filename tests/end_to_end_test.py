"""The programs from a user's point of view: command line, exit codes, service."""
import json
import os
import signal
import subprocess
import tempfile
import time
import unittest
import urllib.request

from support import EXAMPLES, PROGRAM, Server, make_pdf


def run(*arguments, data=None, timeout=300, **more):
    environment = dict(os.environ, GNOSIS_DATA_DIR=data or tempfile.mkdtemp(), **more)
    return subprocess.run([PROGRAM, *arguments], env=environment, capture_output=True,
                          timeout=timeout, stdin=subprocess.DEVNULL)


def example(name):
    return os.path.join(EXAMPLES, name)


def truth(name):
    with open(example(name), encoding="utf-8") as file:
        return file.read()


def word_share(text, expected):
    """Share of the expected words that were found, in any order."""
    have = set(text.lower().split())
    want = set(expected.lower().split())
    return len(want & have) / len(want)


class CommandLine(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.data = os.path.join(self.folder.name, "data")
        self.out = os.path.join(self.folder.name, "out")

    def tearDown(self):
        self.folder.cleanup()

    def ocr(self, *arguments, **more):
        return run("ocr", *arguments, data=self.data, **more)

    def pdf(self, pages):
        path = os.path.join(self.folder.name, f"{pages}.pdf")
        with open(path, "wb") as file:
            file.write(make_pdf(pages))
        return path

    def test_a_scanned_letter_comes_out_as_text(self):
        done = self.ocr(example("letter-scan.pdf"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertGreater(word_share(done.stdout.decode(), truth("letter-scan.txt")), 0.9)
        self.assertEqual(done.stderr, b"")

    def test_many_files_come_out_in_their_order(self):
        pdf = self.pdf(1)
        files = [pdf, example("receipt-photo.jpg"), "nowhere.png", example("fax.tif"), pdf]
        done = self.ocr(*files, "--jobs", "3")
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn(b"nowhere.png", done.stderr)
        pages = done.stdout.decode().split("\f")
        self.assertIn("Page 1 of the register", pages[0])
        self.assertGreater(word_share(pages[1], truth("receipt-photo.txt")), 0.4)
        self.assertGreater(word_share(" ".join(pages[2:-1]), truth("fax.txt")), 0.8)
        self.assertEqual(pages[-1], pages[0])
        self.assertEqual(self.sessions(), [], "a session was left behind")

    def sessions(self):
        users = os.path.join(self.data, "cli", "users")
        return [name for user in os.listdir(users) for name in os.listdir(os.path.join(users, user))]

    def test_every_kind_of_file_is_read(self):
        for name in ("two-columns.png", "receipt-photo.jpg", "fax.tif", "form.webp", "mixed.pdf",
                     "rotated-page.pdf", "born-digital.pdf"):
            with self.subTest(name):
                done = self.ocr(example(name))
                self.assertEqual(done.returncode, 0, done.stderr)
                share = word_share(done.stdout.decode(), truth(os.path.splitext(name)[0] + ".txt"))
                self.assertGreater(share, 0.8)

    def test_pages_are_separated_by_form_feeds(self):
        done = self.ocr(self.pdf(5), "--pages", "2-3,5")
        pages = done.stdout.decode().split("\f")
        self.assertEqual([page.split()[1] for page in pages], ["2", "3", "5"])

    def test_each_format_is_written(self):
        done = self.ocr(example("letter-scan.pdf"), "-o", self.out, "--formats", "txt,json,hocr")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout, b"")
        self.assertEqual(sorted(os.listdir(self.out)),
                         ["letter-scan.hocr", "letter-scan.json", "letter-scan.txt"])
        with open(os.path.join(self.out, "letter-scan.json")) as file:
            page = json.load(file)["pages"][0]
        self.assertEqual(page["page"], 1)
        self.assertGreater(page["confidence"], 70)

    def test_a_real_text_layer_is_kept(self):
        self.ocr(example("born-digital.pdf"), "-o", self.out, "--formats", "json")
        with open(os.path.join(self.out, "born-digital.json")) as file:
            self.assertEqual(json.load(file)["pages"][0]["source"], "text_layer")

    def test_turned_pages_are_read_upright(self):
        self.ocr(example("rotated-page.pdf"), "-o", self.out, "--formats", "json")
        with open(os.path.join(self.out, "rotated-page.json")) as file:
            angles = [page["angle"] for page in json.load(file)["pages"]]
        self.assertTrue(all(angle in (90, 180, 270) for angle in angles), angles)

    def test_exit_codes(self):
        text = os.path.join(self.folder.name, "notes.txt")
        with open(text, "w") as file:
            file.write("no document\n")
        empty = os.path.join(self.folder.name, "empty.pdf")
        open(empty, "w").close()
        for code, words, arguments in (
                (1, "", ()),
                (1, "", ("--no-such-flag", self.pdf(1))),
                (1, "1-3,7", (self.pdf(1), "--pages", "3-1")),
                (1, "txt, json, hocr", (self.pdf(1), "--formats", "docx")),
                (2, "No such file", (os.path.join(self.folder.name, "absent.pdf"),)),
                (2, "text", (text,)),
                (2, "empty", (empty,)),
                (2, "password", (example("encrypted.pdf"),)),
                (2, "password", (example("encrypted.pdf"), "--password", "wrong")),
                (2, "the document has 1", (self.pdf(1), "--pages", "9")),
                (4, "eng", (self.pdf(1), "--lang", "tlh"))):
            with self.subTest(arguments):
                done = self.ocr(*arguments)
                self.assertEqual(done.returncode, code, done.stderr)
                self.assertIn(words, done.stderr.decode())
                self.assertEqual(done.stdout, b"")

    def test_a_password_opens_an_encrypted_document(self):
        done = self.ocr(example("encrypted.pdf"), "--password", "gnosis")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertGreater(word_share(done.stdout.decode(), truth("encrypted.txt")), 0.8)
        for folder, _, names in os.walk(self.data):
            self.assertNotIn("secret.json", names, folder)

    def test_a_damaged_page_costs_only_itself(self):
        done = self.ocr(example("damaged.pdf"))
        self.assertEqual(done.returncode, 3, done.stderr)
        pages = done.stdout.decode().split("\f")
        self.assertEqual(len(pages), 3)
        self.assertIn("could not be read", pages[1])
        self.assertIn("page 2", done.stderr.decode())

    def test_an_interrupted_run_goes_on_where_it_was(self):
        document = self.pdf(30)
        environment = dict(os.environ, GNOSIS_DATA_DIR=self.data)
        first = subprocess.Popen([PROGRAM, "ocr", document, "--mode", "force"], env=environment,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        first.stdout.readline()  # the first page is done
        first.send_signal(signal.SIGINT)
        _, said = first.communicate(timeout=20)
        self.assertEqual(first.returncode, 130, said)
        self.assertIn("run the same command again to resume", said.decode())
        before = self.page_results()
        self.assertGreaterEqual(len(before), 1)
        self.assertLess(len(before), 30)
        again = self.ocr(document, "--mode", "force", "--keep")
        self.assertEqual(again.returncode, 0, again.stderr)
        after = self.page_results()
        self.assertEqual(len(after), 30)
        for name, completed_at in before.items():
            self.assertEqual(after[name], completed_at)
        self.assertEqual(again.stdout.decode().count("\f"), 29)

    def page_results(self):
        found = {}
        for folder, _, names in os.walk(self.data):
            for name in names:
                if name.endswith("_result.json"):
                    with open(os.path.join(folder, name)) as file:
                        found[name] = json.load(file)["completed_at"]
        return found

    def test_nothing_is_left_behind_when_all_is_read(self):
        self.ocr(self.pdf(2))
        left = [name for _, _, names in os.walk(self.data) for name in names]
        self.assertEqual(left, [])

    def test_verify_and_status_tell_of_a_session(self):
        self.ocr(self.pdf(2), "--keep")
        folder = next(folder for folder, _, names in os.walk(self.data) if "metadata.json" in names)
        good = run("verify", folder, data=self.data)
        self.assertEqual(good.returncode, 0, good.stdout)
        self.assertIn(b"2 pages: 2 done, 0 failed, 0 pending; 0 problems", good.stdout)
        status = json.loads(run("status", folder, data=self.data).stdout)
        self.assertEqual(status["status"], "completed")
        with open(os.path.join(folder, "page_001_result.txt"), "a") as file:
            file.write("forged")
        bad = run("verify", folder, data=self.data)
        self.assertEqual(bad.returncode, 2)
        self.assertIn(b"page_001_result.txt", bad.stdout)

    def test_doctor_config_version_and_help(self):
        doctor = run("doctor", data=self.data)
        self.assertEqual(doctor.returncode, 0, doctor.stdout)
        self.assertIn(b"eng", doctor.stdout)
        config = run("config", data=self.data, OCR_BATCH_SIZE="7")
        self.assertIn(b"(from: environment)\nOCR_BATCH_SIZE=7", config.stdout)
        self.assertEqual(run("config", data=self.data, PORT="many").returncode, 1)
        self.assertTrue(run("--version").stdout.startswith(b"gnosis-ocr "))
        self.assertIn(b"Exit codes", run("--help").stdout)


class Service(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.server = Server(self.folder.name).start()

    def tearDown(self):
        if self.server.process.poll() is None:
            self.server.stop()
        self.folder.cleanup()

    def test_a_document_goes_in_and_its_text_comes_out(self):
        with open(example("letter-scan.pdf"), "rb") as file:
            job = self.server.submit(file.read(), "?formats=txt,json,hocr")
        done = self.server.wait(job)
        self.assertEqual(done["status"], "completed")
        self.assertEqual(done["progress"]["percent"], 100)
        for form, kind in (("txt", "text/plain"), ("json", "application/json"), ("hocr", "application/xhtml+xml")):
            status, headers, body = self.server.request("GET",
                                                        f"/api/v1/jobs/{job}/result?format={form}")
            self.assertEqual(status, 200, body)
            self.assertIn(kind, headers["Content-Type"])
        for ending in ("txt", "json", "png", "jpg", "hocr"):
            status, _, body = self.server.request("GET", f"/api/v1/jobs/{job}/pages/1.{ending}")
            self.assertEqual(status, 200, body[:200])
            self.assertGreater(len(body), 100)

    def test_multipart_upload_waits_when_asked_to(self):
        boundary = "----gnosis"
        body = (f'--{boundary}\r\nContent-Disposition: form-data; name="lang"\r\n\r\neng\r\n'
                f'--{boundary}\r\nContent-Disposition: form-data; name="file"; '
                f'filename="two.pdf"\r\nContent-Type: application/pdf\r\n\r\n').encode()
        body += make_pdf(2) + f"\r\n--{boundary}--\r\n".encode()
        status, job = self.server.json("POST", "/api/v1/jobs", body, {
            "Content-Type": f"multipart/form-data; boundary={boundary}", "Prefer": "wait=60"})
        self.assertEqual(status, 200, job)
        self.assertEqual(job["status"], "completed")
        self.assertEqual(job["file_name"], "two.pdf")

    def test_the_same_idempotency_key_is_the_same_job(self):
        headers = {"Idempotency-Key": "letter-1"}
        first = self.server.submit(make_pdf(1), headers=headers)
        status, again = self.server.json("POST", "/api/v1/jobs", make_pdf(1), headers)
        self.assertIn(status, (200, 202))
        self.assertEqual(again["job_id"], first)
        status, problem = self.server.json("POST", "/api/v1/jobs", make_pdf(2), headers)
        self.assertEqual((status, problem["code"]), (422, "idempotency_key_reused"))

    def test_pages_are_told_of_while_they_are_read(self):
        job = self.server.submit(make_pdf(6), "?mode=force")
        seen = []
        with urllib.request.urlopen(
                f"{self.server.url}/api/v1/jobs/{job}/events", timeout=60) as events:
            for line in events:
                if line.startswith(b"event: "):
                    seen.append(line[7:].strip().decode())
                if seen and seen[-1] == "done":
                    break
        self.assertEqual(seen[0], "snapshot")
        self.assertEqual(seen[-1], "done")

    def test_errors_name_themselves(self):
        for status, code, body, query in (
                (415, "unsupported_media_type", b"just text", ""),
                (422, "password_required", open(example("encrypted.pdf"), "rb").read(), ""),
                (422, "missing_language", make_pdf(1), "?lang=tlh"),
                (422, "no_pages", make_pdf(1), "?pages=9"),
                (400, "invalid_argument", make_pdf(1), "?pages=3-1")):
            with self.subTest(code):
                got, headers, answer = self.server.request("POST", "/api/v1/jobs" + query, body)
                problem = json.loads(answer)
                self.assertEqual((got, problem["code"]), (status, code), problem)
                self.assertEqual(headers["Content-Type"], "application/problem+json")
                self.assertTrue(problem["detail"])
        # Nothing remains of a rejected document.
        left = [name for _, _, names in os.walk(os.path.join(self.folder.name, "users"))
                for name in names]
        self.assertEqual(left, [])

    def test_retry_reads_a_page_again_and_delete_removes_everything(self):
        job = self.server.submit(make_pdf(3), "?mode=force")
        self.server.wait(job)
        text = self.server.request("GET", f"/api/v1/jobs/{job}/result?format=txt")[2]
        status, answer = self.server.json("POST", f"/api/v1/jobs/{job}/retry",
                                          b'{"pages": [2], "dpi": 200}',
                                          {"Content-Type": "application/json"})
        self.assertEqual(status, 202, answer)
        self.assertEqual(self.server.wait(job)["status"], "completed")
        page = self.server.json("GET", f"/api/v1/jobs/{job}/pages/2.json")[1]
        self.assertEqual((page["edition"], page["dpi"]), (1, 200))
        again = self.server.request("GET", f"/api/v1/jobs/{job}/result?format=txt")[2]
        self.assertEqual(again, text)
        folder = self.server.session_folder(job)
        self.assertEqual(self.server.request("DELETE", f"/api/v1/jobs/{job}")[0], 204)
        self.assertFalse(os.path.exists(folder))
        self.assertEqual(self.server.request("GET", f"/api/v1/jobs/{job}")[0], 404)

    def test_a_cancelled_job_keeps_its_pages(self):
        job = self.server.submit(make_pdf(60), "?mode=force")
        while self.server.request("GET", f"/api/v1/jobs/{job}/pages/1.txt")[0] != 200:
            time.sleep(0.02)
        self.assertEqual(self.server.request("POST", f"/api/v1/jobs/{job}/cancel")[0], 202)
        self.assertEqual(self.server.wait(job)["status"], "cancelled")
        self.assertEqual(self.server.request("GET", f"/api/v1/jobs/{job}/pages/1.txt")[0], 200)
        # Cancelling again is not an error; a finished job cannot be cancelled.
        self.assertEqual(self.server.request("POST", f"/api/v1/jobs/{job}/cancel")[0], 202)
        job = self.server.submit(make_pdf(1))
        self.server.wait(job)
        self.assertEqual(self.server.request("POST", f"/api/v1/jobs/{job}/cancel")[0], 409)

    def test_sigterm_ends_within_ten_seconds_and_the_next_start_goes_on(self):
        job = self.server.submit(make_pdf(60), "?mode=force")
        while self.server.request("GET", f"/api/v1/jobs/{job}/pages/1.txt")[0] != 200:
            time.sleep(0.02)
        code, seconds = self.server.stop()
        self.assertEqual(code, 0)
        self.assertLess(seconds, 10)
        with open(os.path.join(self.server.session_folder(job), "processing.json")) as file:
            pages = json.load(file)["pages"].values()
        self.assertEqual([page for page in pages if page["status"] == "processing"], [])
        self.server.start()
        self.assertEqual(self.server.wait(job)["status"], "completed")

    def test_two_jobs_take_turns(self):
        large = self.server.submit(make_pdf(80), "?mode=force")
        small = self.server.submit(make_pdf(2), "?mode=force")
        self.server.wait(small)
        self.assertNotEqual(self.server.json("GET", f"/api/v1/jobs/{large}")[1]["status"],
                            "completed")

    def test_an_expired_job_answers_gone(self):
        self.server.stop()
        self.server = Server(self.folder.name, SESSION_TTL="1s").start()
        job = self.server.submit(make_pdf(1))
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            status = self.server.request("GET", f"/api/v1/jobs/{job}")[0]
            if status == 410:
                break
            time.sleep(0.05)
        self.assertEqual(status, 410)
        self.server.stop()
        self.server.start()  # sweeps
        self.assertEqual(self.server.request("GET", f"/api/v1/jobs/{job}")[0], 410)

    def test_a_second_service_over_the_same_folder_refuses_to_start(self):
        done = run("serve", data=self.folder.name, PORT="0", timeout=20)
        self.assertEqual(done.returncode, 5)
        self.assertIn(b"another gnosis-ocr", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=1)
