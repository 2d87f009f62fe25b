"""Resumable uploads (tus 1.0.0) with the real program: connections cut at random offsets, wrong
offsets, wrong checksums, two clients on one upload, expiry, limits, kill -9 during an upload; the
document always arrives intact."""
import base64
import hashlib
import http.client
import json
import os
import random
import socket
import tempfile
import time
import unittest

from support import Server, make_pdf, resident_mb

SEED = 20260728
UPLOADS = "/api/v1/uploads"
PART = "application/offset+octet-stream"


def padded_pdf(pages, size_bytes, rng):
    """A PDF of the requested size, padded with meaningless bytes after its end."""
    document = make_pdf(pages)
    return document + b"\n%" + rng.randbytes(size_bytes - len(document) - 2).replace(b"\n", b" ")


class Tus(unittest.TestCase):
    def setUp(self):
        self.rng = random.Random(SEED)
        self.folder = tempfile.TemporaryDirectory()
        self.server = None

    def tearDown(self):
        if self.server and self.server.process.poll() is None:
            self.server.stop()
        self.folder.cleanup()

    def start(self, **settings):
        self.server = Server(self.folder.name, **settings).start()
        self.port = int(self.server.url.rsplit(":", 1)[1])

    def call(self, method, path, body=None, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.server.request(method, path, body, dict({"Tus-Resumable": "1.0.0"}, **headers))

    def create(self, size, **headers):
        name = base64.b64encode(b"scan.pdf").decode()
        status, answer, body = self.call("POST", UPLOADS, Upload_Length=str(size),
                                         Upload_Metadata="filename " + name, **headers)
        self.assertEqual(status, 201, body)
        return answer["Location"]

    def patch(self, location, offset, data, **headers):
        status, answer, body = self.call("PATCH", location, data, Content_Type=PART,
                                         Upload_Offset=str(offset), **headers)
        return status, int(answer["Upload-Offset"]) if status == 204 else body

    def offset(self, location):
        status, answer, _ = self.call("HEAD", location)
        self.assertEqual(status, 200)
        self.assertEqual(answer["Cache-Control"], "no-store")
        return int(answer["Upload-Offset"])

    def begin_patch(self, location, offset, data, announced):
        """A PATCH that sends only `data` of the `announced` bytes; the socket is still open."""
        raw = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        head = (f"PATCH {location} HTTP/1.1\r\nHost: localhost\r\nTus-Resumable: 1.0.0\r\n"
                f"Content-Type: {PART}\r\nUpload-Offset: {offset}\r\n"
                f"Content-Length: {announced}\r\n\r\n")
        raw.sendall(head.encode() + data)
        return raw

    def until(self, condition, seconds=20):
        deadline = time.monotonic() + seconds
        while not condition():
            self.assertLess(time.monotonic(), deadline, "it did not happen in time")
            time.sleep(0.02)

    def submit(self, location, **fields):
        body = json.dumps(dict({"upload_id": location.rsplit("/", 1)[1]}, **fields)).encode()
        return self.server.json("POST", "/api/v1/jobs", body, {"Content-Type": "application/json"})

    def assert_came_whole(self, location, document, **fields):
        status, job = self.submit(location, **fields)
        self.assertEqual(status, 202, job)
        session = self.server.session_folder(job["job_id"])
        with open(os.path.join(session, "metadata.json"), encoding="utf-8") as file:
            metadata = json.load(file)
        self.assertEqual(metadata["sha256"], hashlib.sha256(document).hexdigest())
        self.assertEqual(metadata["size_bytes"], len(document))
        return job["job_id"]

    def upload_folders(self):
        root = os.path.join(self.folder.name, "uploads")
        return [os.path.join(root, user, name) for user in os.listdir(root)
                for name in os.listdir(os.path.join(root, user))]

    def test_cuts_at_random_offsets_lose_nothing(self):
        self.start()
        document = padded_pdf(2, 3_000_000, self.rng)
        location = self.create(len(document))
        offset = cuts = 0
        while offset < len(document):
            rest = len(document) - offset
            sent = min(rest, self.rng.randrange(0, 400_000))
            self.begin_patch(location, offset, document[offset:offset + sent], rest).close()
            cuts += sent < rest
            # The server may still be reading the bytes sent before the cut.
            self.until(lambda: self.offset(location) == offset + sent)
            offset += sent
        self.assertGreater(cuts, 5)
        job = self.assert_came_whole(location, document, file_name="other.pdf", pages="1")
        self.assertEqual(self.server.wait(job)["file_name"], "other.pdf")
        self.assertEqual(self.call("HEAD", location)[0], 410)
        for folder in self.upload_folders():
            self.assertEqual(os.listdir(folder), ["upload.json"])

    def test_kill_in_the_middle_and_on(self):
        self.start()
        document = padded_pdf(1, 2_000_000, self.rng)
        location = self.create(len(document))
        offset = 0
        for _ in range(4):
            sent = self.rng.randrange(1, 400_000)
            raw = self.begin_patch(location, offset, document[offset:offset + sent],
                                   len(document) - offset)
            wanted = offset + self.rng.randrange(1, sent + 1)
            self.until(lambda: self.offset(location) >= wanted)
            told = self.offset(location)
            self.server.kill()
            raw.close()
            self.start()
            offset = self.offset(location)
            self.assertGreaterEqual(offset, told, "an offset that was acknowledged went back")
        # Bytes whose checksum was not verified do not count after a crash.
        digest = base64.b64encode(hashlib.sha256(document[offset:]).digest()).decode()
        raw = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        raw.sendall((f"PATCH {location} HTTP/1.1\r\nHost: localhost\r\nTus-Resumable: 1.0.0\r\n"
                     f"Content-Type: {PART}\r\nUpload-Offset: {offset}\r\n"
                     f"Upload-Checksum: sha256 {digest}\r\n"
                     f"Content-Length: {len(document) - offset}\r\n\r\n").encode() + b"x" * 50_000)
        data = os.path.join(self.upload_folders()[0], "data")
        self.until(lambda: os.path.getsize(data) > offset)
        self.server.kill()
        raw.close()
        self.start()
        self.assertEqual(self.offset(location), offset)
        status, answer = self.patch(location, offset, document[offset:],
                                    Upload_Checksum=f"sha256 {digest}")
        self.assertEqual((status, answer), (204, len(document)))
        self.assert_came_whole(location, document)

    def test_wrong_offsets_checksums_and_sizes(self):
        self.start(MAX_UPLOAD_BYTES="1000000")
        document = make_pdf(1)
        location = self.create(len(document))
        for wrong in (1, len(document), len(document) + 1):
            self.assertEqual(self.patch(location, wrong, b"x")[0], 409)
        sha1 = base64.b64encode(hashlib.sha1(document[:100]).digest()).decode()
        status, body = self.patch(location, 0, b"y" * 100, Upload_Checksum=f"sha1 {sha1}")
        self.assertEqual((status, json.loads(body)["code"]), (460, "checksum_mismatch"))
        self.assertEqual(self.offset(location), 0)
        self.assertEqual(self.patch(location, 0, document[:100], Upload_Checksum=f"sha1 {sha1}"),
                         (204, 100))
        self.assertEqual(self.patch(location, 100, document)[0], 413)
        self.assertEqual(self.call("POST", UPLOADS, Upload_Length="1000001")[0], 413)
        self.assertEqual(self.call("PATCH", location, b"x", Upload_Offset="100",
                                   Content_Type="application/pdf")[0], 415)
        self.assertEqual(self.server.request("HEAD", location)[0], 412)
        status, job = self.submit(location)
        self.assertEqual(status, 409)
        self.assertIn(f"{len(document) - 100} of", job["detail"])
        # Chunked: the size is not announced.
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("PATCH", location, iter([document[100:300], document[300:]]),
                           {"Tus-Resumable": "1.0.0", "Content-Type": PART, "Upload-Offset": "100"},
                           encode_chunked=True)
        self.assertEqual(connection.getresponse().status, 204)
        connection.close()
        self.assert_came_whole(location, document)

    def test_two_clients_on_one_upload(self):
        self.start()
        document = padded_pdf(1, 500_000, self.rng)
        location = self.create(len(document))
        first = self.begin_patch(location, 0, document[:1000], len(document))
        self.until(lambda: self.offset(location) == 1000)
        status, body = self.patch(location, 1000, document[1000:])
        self.assertEqual((status, json.loads(body)["code"]), (423, "upload_locked"))
        self.assertEqual(self.patch(location, 0, document)[0], 409)
        first.sendall(document[1000:])
        answer = http.client.HTTPResponse(first)
        answer.begin()
        self.assertEqual(answer.status, 204)
        first.close()
        self.assertEqual(self.patch(location, 1000, document[1000:])[0], 409)
        self.assert_came_whole(location, document)

    def test_a_connection_that_fell_silent_keeps_nobody_out(self):
        self.start()
        document = padded_pdf(1, 200_000, self.rng)
        location = self.create(len(document))
        silent = self.begin_patch(location, 0, document[:1000], len(document))
        self.until(lambda: self.offset(location) == 1000)
        begin = time.monotonic()
        while True:
            status, _ = self.patch(location, 1000, document[1000:])
            if status != 423:
                break
            self.assertLess(time.monotonic() - begin, 15)
            time.sleep(0.2)
        self.assertEqual(status, 204)
        silent.close()
        self.assert_came_whole(location, document)

    def test_expiry_deletion_and_the_limit_of_an_owner(self):
        self.start(UPLOAD_TTL="2s", MAX_UPLOADS_PER_OWNER="2")
        expiring = self.create(100)
        self.assertEqual(self.patch(expiring, 0, b"0123")[0], 204)
        deleted = self.create(100)
        status, _, body = self.call("POST", UPLOADS, Upload_Length="1")
        self.assertEqual(status, 429)
        self.assertIn(b"MAX_UPLOADS_PER_OWNER", body)
        self.assertEqual(self.call("DELETE", deleted)[0], 204)
        self.assertEqual(self.call("HEAD", deleted)[0], 404)
        self.until(lambda: self.call("HEAD", expiring)[0] == 410)
        self.assertEqual(self.patch(expiring, 4, b"x")[0], 410)
        self.assertEqual([os.listdir(folder) for folder in self.upload_folders()],
                         [["upload.json"]])
        self.create(1)

    def test_a_large_file_needs_no_memory(self):
        self.start()
        piece = self.rng.randbytes(1 << 20)
        document_start = make_pdf(1) + b"\n%"
        size = 120 << 20
        location = self.create(size)
        before = resident_mb(self.server.process.pid)
        digest = hashlib.sha256()

        def pieces():
            left = size
            for part in [document_start] + [piece] * 121:
                part = part[:left]
                left -= len(part)
                digest.update(part)
                if part:
                    yield part

        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        connection.request("PATCH", location, pieces(),
                           {"Tus-Resumable": "1.0.0", "Content-Type": PART, "Upload-Offset": "0",
                            "Content-Length": str(size)})
        self.assertEqual(connection.getresponse().status, 204)
        connection.close()
        status, job = self.submit(location)
        self.assertEqual(status, 202, job)
        self.assertLess(resident_mb(self.server.process.pid) - before, 40)
        session = self.server.session_folder(job["job_id"])
        with open(os.path.join(session, "metadata.json"), encoding="utf-8") as file:
            self.assertEqual(json.load(file)["sha256"], digest.hexdigest())


if __name__ == "__main__":
    unittest.main(verbosity=1)
