"""Clients that do not read responses: the memory they occupy is bounded, and others are served."""
import json
import socket
import tempfile
import unittest

from slow_readers import HALF_SENT, Clients, Readers, World, settled_mb, submit_stopped, warm
from support import Server

PAGES = 3000
READERS = 200
MOST_MB = 45  # for 200 that read nothing; each response is up to a megabyte


class Raw:
    def __init__(self, server, request, receive_bytes=4096):
        host, port = server.url.removeprefix("http://").split(":")
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        self.socket.settimeout(60)
        self.socket.connect((host, int(port)))
        self.socket.sendall(request.replace(b"HOST", f"{host}:{port}".encode()))

    def read_to_end(self):
        """(everything received, whether it ended with an error)."""
        data = b""
        try:
            while more := self.socket.recv(1 << 16):
                data += more
            return data, False
        except ConnectionResetError:
            return data, True

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


class SlowReaders(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.world = World(cls.folder.name, PAGES, words=15_000, jobs=10)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def setUp(self):
        self.server = None

    def tearDown(self):
        if self.server:
            self.server.kill()

    def start(self, **settings):
        if self.server:
            self.server.kill()
        self.server = Server(self.folder.name, **{"MAX_REQUESTS_PER_SECOND": "100000", **settings}).start()
        return self.world.kinds(self.server)

    def test_what_those_who_read_nothing_hold_is_bounded(self):
        for kind in ("pages", "events", "partial json", "result", "page hocr", "web", "openapi"):
            with self.subTest(kind):
                kinds = self.start(MAX_UNSENT_BYTES="16MB")
                if kind in kinds:  # the program may have been built without the web page
                    if kind != "events":
                        warm(self.server, kinds[kind])
                    before = settled_mb(self.server)
                    with Readers(self.server, kinds[kind], READERS) as readers:
                        self.assertLess(settled_mb(self.server) - before, MOST_MB)
                        self.assertEqual(self.server.request("GET", "/livez")[0], 200)
                        if kind != "page hocr":  # the only one whose responses must be held in memory
                            self.assertEqual(readers.given_up(), 0)

    def test_what_those_who_stop_within_a_request_hold_is_bounded(self):
        for kind, sent in HALF_SENT.items():
            with self.subTest(kind):
                self.start(HEADER_TIMEOUT="10m", BODY_TIMEOUT="10m")
                self.server.request("GET", "/livez")
                before = settled_mb(self.server)
                with Clients(self.server, READERS, sent):
                    self.assertLess(settled_mb(self.server) - before, MOST_MB)

    def test_who_reads_gets_the_whole_while_others_are_given_up(self):
        kinds = self.start(MAX_UNSENT_BYTES="4MB")
        expected = self.server.request("GET", kinds["page hocr"])[2]
        with Readers(self.server, kinds["page hocr"], 50) as readers:
            for _ in range(5):
                self.assertEqual(self.server.request("GET", kinds["page hocr"])[2], expected)
            self.assertGreater(readers.given_up(), 40)

    def test_a_long_list_is_whole_whatever_the_client_speaks(self):
        kinds = self.start()
        chunked = json.loads(self.server.request("GET", kinds["pages"])[2])
        self.assertEqual([page["page"] for page in chunked["pages"]], list(range(1, PAGES + 1)))
        with Raw(self.server, f"GET {kinds['pages']} HTTP/1.0\r\n\r\n".encode()) as old:
            data, broken = old.read_to_end()
        head, _, body = data.partition(b"\r\n\r\n")
        self.assertFalse(broken)
        self.assertNotIn(b"chunked", head)
        self.assertEqual(json.loads(body), chunked)

    def test_a_list_whose_job_is_deleted_meanwhile_does_not_look_whole(self):
        self.start()
        for version, path in (("1.1", "pages"), ("1.0", "pages"), ("1.1", "result?partial=1"),
                              ("1.0", "result?partial=1"), ("1.1", "events")):
            with self.subTest(path=path, version=version):
                job = f"/api/v1/jobs/{submit_stopped(self.server, 5000)}"
                request = f"GET {job}/{path} HTTP/{version}\r\nHost: HOST\r\n\r\n".encode()
                with Raw(self.server, request) as reader:
                    self.assertIn(b"200 OK", reader.socket.recv(1 << 10))
                    self.assertEqual(self.server.request("DELETE", job)[0], 204)
                    rest, broken = reader.read_to_end()
                self.assertFalse(rest.endswith(b"0\r\n\r\n"))
                if version == "1.0":
                    self.assertTrue(broken)


if __name__ == "__main__":
    unittest.main(verbosity=1)
