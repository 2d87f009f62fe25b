"""`gnosis-ocr ocr` loses nothing: names of results, existing files, interruptions, several runs at once.
Uses the real program; if one of its system calls has to fail, tests/faults is loaded into it."""
import fcntl
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

from support import EXAMPLES, PROGRAM, make_pdf

FAULTS = os.environ.get("GNOSIS_FAULTS")  # .../libfault_at_call.so


class OcrTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.data = os.path.join(self.folder.name, "data")
        self.out = os.path.join(self.folder.name, "out")

    def tearDown(self):
        self.folder.cleanup()

    def start(self, *arguments, stdout=subprocess.PIPE, **environment):
        return subprocess.Popen([PROGRAM, "ocr", *arguments], cwd=self.folder.name,
                                env=dict(os.environ, GNOSIS_DATA_DIR=self.data, **environment),
                                stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE)

    def ocr(self, *arguments, **more):
        """(exit code, standard output, standard error)"""
        process = self.start(*arguments, **more)
        out, err = process.communicate(timeout=300)
        return process.returncode, (out or b"").decode(), err.decode(errors="replace")

    def make(self, name, pages=1, lines=0):
        """A small document; a different one for another number of `lines`."""
        path = os.path.join(os.fsencode(self.folder.name), os.fsencode(name))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(make_pdf(pages, lines_per_page=4 + lines))
        return path

    def put(self, name, text):
        path = os.path.join(self.out, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)

    def read(self, name):
        with open(os.path.join(self.out, name)) as file:
            return file.read()

    def results(self):
        return sorted(os.path.relpath(os.path.join(folder, name), self.out)
                      for folder, _, names in os.walk(self.out) for name in names)

    def sessions(self):
        users = os.path.join(self.data, "cli", "users")
        if not os.path.isdir(users):
            return []
        return [os.path.join(users, user, name) for user in os.listdir(users)
                for name in os.listdir(os.path.join(users, user))]


class Names(OcrTest):
    def test_documents_of_one_name_do_not_overwrite_each_other(self):
        for folder in "abc":
            self.make(f"{folder}/scan.pdf", lines="abc".index(folder))
        code, _, err = self.ocr("a/scan.pdf", "b/scan.pdf", "c/scan.pdf", "-o", "out")
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(self.results(), ["a/scan.txt", "b/scan.txt", "c/scan.txt"])
        self.assertNotEqual(self.read("a/scan.txt"), self.read("b/scan.txt"))

    def test_names_do_not_depend_on_what_fails(self):
        self.make("a/scan.pdf")
        with open(os.path.join(self.folder.name, "scan.pdf"), "w") as file:
            file.write("no document")
        code, _, err = self.ocr("scan.pdf", "a/scan.pdf", "-o", "out")
        self.assertEqual(code, 2, err)
        self.assertEqual(self.results(), ["a/scan.txt"])

    def test_one_that_is_named_twice_is_read_once(self):
        self.make("scan.pdf")
        code, _, err = self.ocr("scan.pdf", "./scan.pdf", "-o", "out", "--formats", "txt,txt")
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(self.results(), ["scan.txt"])
        code, text, err = self.ocr("scan.pdf", "./scan.pdf")
        self.assertEqual((code, err), (0, ""))
        first, second = text.split("\f")
        self.assertEqual(first, second)
        self.assertEqual(self.sessions(), [])

    def test_odd_names_are_written_and_told_on_one_line(self):
        names = [b"with space.pdf", b"two\nlines.pdf", b"not utf-8 \xff\xfe.pdf", b"\x1b[31m.pdf"]
        for name in names:
            self.make(name)
        code, _, err = self.ocr(*names, b"absent\n.pdf", "-o", "out", "--formats", "txt,json")
        self.assertEqual(code, 2, err)
        self.assertEqual(len(err.splitlines()), 1, err)
        written = os.listdir(os.fsencode(self.out))
        self.assertEqual(sorted(written), sorted(name[:-3] + form for name in names
                                                 for form in (b"txt", b"json")))
        for name in names:
            with open(os.path.join(os.fsencode(self.out), name[:-3] + b"json"), "rb") as file:
                json.load(file)

    def test_folders_are_walked_when_asked_to(self):
        for name in ("scans/2024/a.pdf", "scans/2024/b.pdf", "scans/a.pdf", "scans/.hidden/c.pdf"):
            self.make(name)
        os.symlink("..", os.path.join(self.folder.name, "scans", "up"))
        code, _, err = self.ocr("scans", "-o", "scans/out")
        self.assertEqual(code, 2)
        self.assertIn("--recursive", err)
        self.assertFalse(os.path.exists(os.path.join(self.folder.name, "scans/out")))
        for _ in range(2):  # files in the output folder are not input
            code, _, err = self.ocr("-r", "scans", "-o", "scans/out")
            self.assertEqual(code, 0, err)
            self.out = os.path.join(self.folder.name, "scans/out")
            self.assertEqual(self.results(), ["2024/a.txt", "2024/b.txt", "a.txt"])


class BadArguments(OcrTest):
    def test_each_costs_only_itself(self):
        self.make("a.pdf")
        self.make("z.pdf")
        os.mkdir(os.path.join(self.folder.name, "folder"))
        os.mkfifo(os.path.join(self.folder.name, "pipe.pdf"))
        shutil.copy(os.path.join(EXAMPLES, "encrypted.pdf"), self.folder.name)
        shutil.copy(os.path.join(EXAMPLES, "damaged.pdf"), self.folder.name)
        code, _, err = self.ocr("folder", "a.pdf", "absent.pdf", "pipe.pdf", "encrypted.pdf",
                                "damaged.pdf", "z.pdf", "-o", "out")
        self.assertEqual(code, 2, err)
        self.assertEqual(self.results(), ["a.txt", "damaged.txt", "z.txt"])
        for word in ("folder is a folder", "absent.pdf", "pipe.pdf is not a regular file",
                     "encrypted.pdf", "damaged.pdf: page 2"):
            self.assertIn(word, err)

    def test_usage_is_told_before_anything_is_read(self):
        self.make("a.pdf")
        for words, arguments in (("standard input", ("a.pdf", "-")),
                                 ("./-", ("a.pdf", "-")),
                                 ("output folder is empty", ("a.pdf", "-o", "")),
                                 ("no output folder was given", ("a.pdf", "--formats", "json")),
                                 ('mode cannot be ""', ("a.pdf", "--mode", "")),
                                 ('dpi cannot be "6000"', ("a.pdf", "--dpi", "6000"))):
            with self.subTest(arguments):
                code, out, err = self.ocr(*arguments)
                self.assertEqual((code, out), (1, ""))
                self.assertIn(words, err)

    def test_help_that_cannot_be_written_is_an_error(self):
        with open("/dev/full", "w") as full:
            process = subprocess.run([PROGRAM, "--help"], stdout=full, stderr=subprocess.PIPE, timeout=60)
        self.assertEqual(process.returncode, 5)
        self.assertIn(b"cannot write to standard output", process.stderr)

    def test_names_may_begin_with_a_dash_after_two(self):
        self.make("a.pdf")
        self.make("-x.pdf")
        code, _, err = self.ocr("-o", "out", "a.pdf", "--", "-x.pdf")
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(self.results(), ["-x.txt", "a.txt"])

    def test_what_follows_formats_is_a_file(self):
        self.make("a.pdf")
        code, _, err = self.ocr("-o", "out", "--formats", "txt,json", "a.pdf")
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(self.results(), ["a.json", "a.txt"])

    def test_an_output_folder_that_is_none(self):
        self.make("a.pdf")
        for name in ("a.pdf", "a.pdf/out"):
            code, _, err = self.ocr("a.pdf", "-o", name)
            self.assertEqual(code, 5, err)
            self.assertEqual(self.sessions(), [], "pages were read first")

    @unittest.skipIf(os.geteuid() == 0, "root may write everywhere")
    def test_an_output_folder_that_is_read_only(self):
        self.make("a.pdf")
        os.mkdir(self.out, 0o500)
        code, _, err = self.ocr("a.pdf", "-o", "out")
        self.assertEqual(code, 5, err)
        self.assertEqual(self.sessions(), [])


class WhatIsThereAlready(OcrTest):
    def test_is_not_overwritten_unless_asked_to(self):
        self.make("a.pdf")
        self.make("b.pdf")
        self.put("a.txt", "mine")
        code, _, err = self.ocr("a.pdf", "b.pdf", "-o", "out")
        self.assertEqual(code, 5, err)
        self.assertIn("--overwrite", err)
        self.assertEqual(self.read("a.txt"), "mine")
        self.assertIn("Page 1", self.read("b.txt"))
        self.assertEqual(self.sessions(), [], "its pages were read all the same")
        code, _, err = self.ocr("a.pdf", "b.pdf", "-o", "out", "--overwrite")
        self.assertEqual(code, 0, err)
        self.assertIn("Page 1", self.read("a.txt"))

    def test_of_the_same_document_is_not_read_again(self):
        self.make("a.pdf")
        self.assertEqual(self.ocr("a.pdf", "-o", "out")[0], 0)
        before = os.stat(os.path.join(self.out, "a.txt"))
        code, _, err = self.ocr("a.pdf", "-o", "./out/")
        self.assertEqual(code, 0, err)
        self.assertIn("already", err)
        after = os.stat(os.path.join(self.out, "a.txt"))
        self.assertEqual((before.st_ino, before.st_mtime_ns), (after.st_ino, after.st_mtime_ns))
        self.assertEqual(self.ocr("a.pdf", "-o", "out", "--dpi", "200")[0], 5)  # not the same
        self.assertEqual(self.ocr("a.pdf", "-o", "out", "--formats", "txt,json")[:2], (0, ""))
        self.assertEqual(self.results(), ["a.json", "a.txt"])
        code, _, err = self.ocr("a.pdf", "-o", "out", "--force")
        self.assertEqual((code, err), (0, ""))

    def test_of_a_document_with_failed_pages_is_tried_again(self):
        shutil.copy(os.path.join(EXAMPLES, "damaged.pdf"), self.folder.name)
        for _ in range(2):
            code, _, err = self.ocr("damaged.pdf", "-o", "out", "--formats", "txt,json")
            self.assertEqual(code, 3, err)
            self.assertIn("page 2", err)
            self.assertIn("could not be read", self.read("damaged.txt"))
            self.assertEqual(len(self.sessions()), 1)

    def test_is_refused_at_the_end_too_and_the_pages_are_kept(self):
        self.make("a.pdf", pages=15)
        process = self.start("a.pdf", "-o", "out", "--mode", "force")
        while not self.sessions():
            time.sleep(0.01)
        self.put("a.txt", "mine")
        err = process.communicate(timeout=120)[1].decode()
        self.assertEqual(process.returncode, 5, err)
        self.assertIn("kept", err)
        self.assertEqual(self.read("a.txt"), "mine")
        self.assertEqual(len(self.sessions()), 1)
        os.remove(os.path.join(self.out, "a.txt"))
        code, _, err = self.ocr("a.pdf", "-o", "out", "--mode", "force")
        self.assertEqual((code, err), (0, ""))
        self.assertIn("Page 15", self.read("a.txt"))
        self.assertEqual(self.sessions(), [])


class StandardOutput(OcrTest):
    def test_that_is_full_keeps_the_session(self):
        self.make("a.pdf", pages=2)
        with open("/dev/full", "wb") as full:
            code, _, err = self.ocr("a.pdf", stdout=full)
        self.assertEqual(code, 5)
        self.assertIn("standard output", err)
        self.assertEqual(len(self.sessions()), 1)
        code, text, err = self.ocr("a.pdf")
        self.assertEqual((code, err, text.count("\f")), (0, "", 1))

    def test_whose_reader_is_gone_ends_the_run_quietly(self):
        self.make("a.pdf", pages=3)
        read_end, write_end = os.pipe()
        os.close(read_end)
        with os.fdopen(write_end, "wb") as pipe:
            code, _, err = self.ocr("a.pdf", stdout=pipe)
        self.assertEqual((code, err), (141, ""))
        self.assertEqual(len(self.sessions()), 1)

    def test_that_is_closed_does_not_become_a_file(self):
        self.make("a.pdf")
        done = subprocess.run(["sh", "-c", 'exec "$0" ocr a.pdf >&-', PROGRAM],
                              cwd=self.folder.name, capture_output=True, timeout=60,
                              env=dict(os.environ, GNOSIS_DATA_DIR=self.data))
        self.assertEqual(done.returncode, 5, done.stderr)
        self.assertIn(b"standard output", done.stderr)
        done = subprocess.run(["sh", "-c", 'exec "$0" ocr a.pdf 2>&-', PROGRAM],
                              cwd=self.folder.name, capture_output=True, timeout=60,
                              env=dict(os.environ, GNOSIS_DATA_DIR=self.data))
        self.assertEqual(done.returncode, 0)
        self.assertIn(b"Page 1", done.stdout)

    def test_that_nobody_reads_can_be_interrupted(self):
        self.make("a.pdf", pages=3)
        read_end, write_end = os.pipe()
        fcntl.fcntl(write_end, fcntl.F_SETPIPE_SZ, 4096)
        os.write(write_end, b"x" * 4096)
        process = self.start("a.pdf", stdout=write_end)
        while not self.sessions():
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        err = process.communicate(timeout=30)[1].decode()
        self.assertEqual(process.returncode, 130, err)
        self.assertIn("run the same command again to resume", err)
        os.close(read_end)
        os.close(write_end)

    def test_a_full_standard_error_does_not_stop_anything(self):
        self.make("a.pdf")
        with open("/dev/full", "wb") as full:
            done = subprocess.run([PROGRAM, "ocr", "absent.pdf", "a.pdf"], cwd=self.folder.name,
                                  stdout=subprocess.PIPE, stderr=full, timeout=60,
                                  env=dict(os.environ, GNOSIS_DATA_DIR=self.data))
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"Page 1", done.stdout)


class Interrupted(OcrTest):
    def test_the_same_command_goes_on_and_reads_nothing_twice(self):
        names = [f"{n}.pdf" for n in range(4)]
        for n, name in enumerate(names):
            self.make(name, pages=8 + n)
        command = (*names, "-o", "out", "--mode", "force", "-j", "1")
        process = self.start(*command)
        while "1.txt" not in self.results():
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        err = process.communicate(timeout=30)[1].decode()
        self.assertEqual(process.returncode, 130, err)
        inodes = {name: os.stat(os.path.join(self.out, name)).st_ino for name in self.results()}
        code, _, err = self.ocr(*command)
        self.assertEqual(code, 0, err)
        self.assertEqual(self.results(), [f"{n}.txt" for n in range(4)])
        for name, inode in inodes.items():
            self.assertEqual(os.stat(os.path.join(self.out, name)).st_ino, inode, name)
        self.assertEqual(self.sessions(), [])


class AtTheSameTime(OcrTest):
    def test_runs_over_the_same_files_share_the_results(self):
        names = [f"{n}.pdf" for n in range(6)]
        for n, name in enumerate(names):
            self.make(name, pages=1 + n % 3)
        runs = [self.start(*names, "-o", "out", "--formats", "txt,json", "-j", "1")
                for _ in range(4)]
        for run in runs:
            err = run.communicate(timeout=300)[1].decode()
            self.assertEqual(run.returncode, 0, err)
        self.assertEqual(self.results(), sorted(f"{n}.{form}" for n in range(6)
                                                for form in ("txt", "json")))
        self.assertEqual(self.sessions(), [])

    def test_of_two_documents_of_one_name_one_is_refused(self):
        self.make("a/scan.pdf", pages=2)
        self.make("b/scan.pdf", pages=3)
        runs = [self.start(f"{folder}/scan.pdf", "-o", "out", "-j", "1") for folder in "ab"]
        errors = [run.communicate(timeout=120)[1].decode() for run in runs]
        self.assertEqual(sorted(run.returncode for run in runs), [0, 5], errors)
        won = [run.returncode for run in runs].index(0)
        self.assertEqual(self.read("scan.txt").count("\f"), 1 + won)
        self.assertEqual(self.results(), ["scan.txt"])
        # The one that was refused can be written to another folder.
        code, _, err = self.ocr(f"{'ab'[1 - won]}/scan.pdf", "-o", "out/other")
        self.assertEqual((code, err), (0, ""))

    def test_many_runs_over_different_files_do_not_tidy_each_other_away(self):
        for n in range(24):
            self.make(f"{n}.pdf", pages=1 + n % 2)
        runs = [self.start(f"{n}.pdf", "-o", "out", "-j", "1") for n in range(24)]
        for n, run in enumerate(runs):
            err = run.communicate(timeout=300)[1].decode()
            self.assertEqual((run.returncode, err), (0, ""), n)
        self.assertEqual(len(self.results()), 24)
        self.assertEqual(self.sessions(), [])


@unittest.skipUnless(FAULTS, "GNOSIS_FAULTS names no library")
class Faults(OcrTest):
    """A fault at the k-th call, for every k; then the same command without a fault."""

    def test_killed_at_every_call(self):
        self.at_every_call("kill", (-signal.SIGKILL,))

    def test_no_room_and_broken_disk_at_every_call(self):
        for fault in ("ENOSPC", "EIO"):
            # Once the results are delivered, a session that cannot be removed does not affect them.
            self.at_every_call(fault, (0, 3, 5), every=1 if "GNOSIS_ALL_FAULTS" in os.environ else 4)

    def at_every_call(self, fault, codes, every=1):
        self.make("a.pdf")
        for folder in (self.data, self.out):
            shutil.rmtree(folder, ignore_errors=True)
        command = ("a.pdf", "-o", "out/in", "--formats", "txt,json", "--dpi", "150", "-j", "1")
        code, _, err = self.ocr(*command)
        self.assertEqual((code, err), (0, ""))
        whole = {name: self.read(name) for name in self.results()}
        self.assertEqual(sorted(whole), ["in/a.json", "in/a.txt"])
        calls = 0
        while self.fault_at(calls, fault, codes, command, whole):
            calls += every
        print(f"{fault}: {calls} calls, every {every}. of them", flush=True)
        self.assertGreater(calls, 100)

    def fault_at(self, call, fault, codes, command, whole):
        shutil.rmtree(self.data)
        shutil.rmtree(self.out)
        code, _, err = self.ocr(*command, LD_PRELOAD=FAULTS, GNOSIS_FAULT=fault,
                                GNOSIS_FAULT_AT=str(call))
        if "fault at" not in err:
            self.assertEqual((code, err), (0, ""))
            return False
        with self.subTest(f"{fault} at call {call}: {err}"):
            self.assertIn(code, codes)
            for name in self.results():
                if not name.endswith(".part"):
                    self.assertEqual(self.read(name), whole[name], name)
            if code == 0:
                self.assertEqual(sorted(whole), self.results())
            code, _, err = self.ocr(*command)
            self.assertEqual(code, 0, err)
            self.assertEqual({name: self.read(name) for name in self.results()}, whole)
            self.assertEqual(self.sessions(), [])
            left = [os.path.join(folder, name) for folder, _, names in os.walk(self.data)
                    for name in names if "/written/" not in folder]
            self.assertEqual(left, [])
        return True


if __name__ == "__main__":
    unittest.main()
