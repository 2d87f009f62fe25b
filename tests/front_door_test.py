"""The service facing strangers: keys and owners, Host and Origin, malformed and malicious requests,
slow and numerous connections, full disks. Uses raw sockets for what a client library would not send."""
import concurrent.futures
import json
import os
import re
import resource
import socket
import subprocess
import tempfile
import time
import unittest

from support import PROGRAM, Server, make_pdf, resident_mb

ADA = "ada@example.org"
BOB = "bob@example.org"


def keys(data, *arguments):
    return subprocess.run([PROGRAM, "keys", *arguments], capture_output=True, timeout=30,
                          stdin=subprocess.DEVNULL, env=dict(os.environ, GNOSIS_DATA_DIR=data))


def bearer(key):
    return {"Authorization": "Bearer " + key}


class Raw:
    """One connection, byte by byte."""

    def __init__(self, server, source="127.0.0.1", timeout=15):
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=timeout,
                                               source_address=(source, 0))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)
        return self

    def answer(self):
        """(status, head, body) of one response with a Content-Length; status 0: closed before it."""
        data = b""
        while b"\r\n\r\n" not in data:
            more = self.read()
            if not more:
                return 0, b"", b""
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        while length and len(body) < int(length[1]):
            more = self.read()
            if not more:
                break
            body += more
        return int(head.split()[1]), head, body

    def read(self):
        try:
            return self.socket.recv(65536)
        except ConnectionResetError:
            return b""

    def closed(self):
        return self.read() == b""


def get(path, host="localhost", more=""):
    return f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{more}\r\n".encode()


class Door(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.data = self.folder.name
        self.server = None

    def tearDown(self):
        if self.server and self.server.process.poll() is None:
            self.server.stop()
        self.folder.cleanup()

    def start(self, **settings):
        self.server = Server(self.data, **settings).start()
        self.server.port = int(self.server.url.rsplit(":", 1)[1])
        return self.server

    def add_key(self, name, owner):
        made = keys(self.data, "add", name, "--owner", owner)
        self.assertEqual(made.returncode, 0, made.stderr)
        return made.stdout.decode().strip()

    def ask(self, request, **more):
        with Raw(self.server, **more) as raw:
            return raw.send(request).answer()

    def log(self):
        with open(os.path.join(self.data, "server.log"), encoding="utf-8") as log:
            return log.read()

    def until(self, condition, seconds=20):
        deadline = time.monotonic() + seconds
        while not condition():
            self.assertLess(time.monotonic(), deadline, "it did not happen in time")
            time.sleep(0.05)


class WhoMayCall(Door):
    def test_a_network_address_wants_keys_or_a_plain_word(self):
        def serve(*arguments):
            return subprocess.run([PROGRAM, "serve", "--host", "0.0.0.0", "--port", "0", *arguments],
                                  capture_output=True, timeout=20, stdin=subprocess.DEVNULL,
                                  env=dict(os.environ, GNOSIS_DATA_DIR=self.data))
        refused = serve()
        self.assertEqual(refused.returncode, 5)
        self.assertIn(b"0.0.0.0 is not a loopback address", refused.stderr)
        self.assertIn(b"keys add", refused.stderr)
        self.assertIn(b"--insecure-no-auth", refused.stderr)
        # An empty list of keys is equivalent to none.
        self.add_key("laptop", ADA)
        self.assertEqual(keys(self.data, "revoke", "laptop").returncode, 0)
        self.assertEqual(serve().returncode, 5)
        os.remove(os.path.join(self.data, "access", "keys.json"))

        self.start(HOST="0.0.0.0", INSECURE_NO_AUTH="true")
        self.assertEqual(self.ask(get("/api/v1/jobs", "127.0.0.1"))[0], 200)
        self.assertEqual(self.ask(get("/api/v1/jobs", "rebound.example.com"))[0], 403)
        self.assertIn("everybody who can reach the service may use it", self.log())
        self.server.stop()

        key = self.add_key("laptop", ADA)
        self.start(HOST="0.0.0.0", INSECURE_NO_AUTH="true")
        self.assertEqual(self.ask(get("/api/v1/jobs"))[0], 401)
        self.assertEqual(self.ask(get("/api/v1/jobs", "any.name", f"X-API-Key: {key}\r\n"))[0], 200)

    def test_keys_are_made_listed_and_revoked_while_the_server_runs(self):
        self.start()
        job = self.server.submit(make_pdf(1))
        key = self.add_key("laptop", "Ada@Example.org")
        self.assertRegex(key, "^gnosis_[0-9a-f]{64}$")
        file = os.path.join(self.data, "access", "keys.json")
        self.assertEqual(os.stat(file).st_mode & 0o777, 0o600)
        with open(file) as stored:
            self.assertNotIn(key.removeprefix("gnosis_"), stored.read())
        self.until(lambda: self.server.request("GET", "/api/v1/jobs")[0] == 401)
        self.assertEqual(self.server.request("GET", "/livez")[0], 200)
        self.assertEqual(self.server.request("GET", "/readyz")[0], 200)
        self.assertEqual(self.server.request("GET", "/metrics")[0], 401)
        self.assertEqual(self.server.request("GET", "/api/v1/jobs", headers=bearer(key))[0], 200)
        # Earlier jobs still belong to the local user.
        self.assertEqual(self.server.request("GET", f"/api/v1/jobs/{job}", headers=bearer(key))[0],
                         404)
        local = self.add_key("me", "local@localhost")
        self.assertEqual(self.server.request("GET", f"/api/v1/jobs/{job}", headers=bearer(local))[0],
                         200)
        listed = keys(self.data, "list").stdout.decode().splitlines()
        self.assertEqual([line.split("\t")[:2] for line in listed],
                         [["laptop", ADA], ["me", "local@localhost"]])
        for code, arguments in ((1, ("add", "laptop", "--owner", BOB)),
                                (1, ("add", "a b", "--owner", BOB)),
                                (1, ("add", "x", "--owner", "nobody")),
                                (1, ("add", "x")), (1, ()), (2, ("revoke", "absent"))):
            failed = keys(self.data, *arguments)
            self.assertEqual(failed.returncode, code, failed.stderr)
            self.assertEqual(failed.stdout if code == 2 else b"", b"")
        begin = time.monotonic()
        self.assertEqual(keys(self.data, "revoke", "laptop").returncode, 0)
        self.until(lambda: self.server.request("GET", "/api/v1/jobs", headers=bearer(key))[0] == 401)
        self.assertLess(time.monotonic() - begin, 10)
        last = keys(self.data, "revoke", "me")
        self.assertIn(b"nobody can use the server", last.stderr)
        self.until(lambda: self.server.request("GET", "/api/v1/jobs", headers=bearer(local))[0] == 401)

    @unittest.skipUnless(os.geteuid() == 0, "only root can be two users")
    def test_what_root_writes_beside_a_service_of_another_user_does_not_open_its_door(self):
        nobody = 65534
        os.chown(self.data, nobody, nobody)
        file = os.path.join(self.data, "access", "keys.json")
        self.server = Server(self.data)
        self.server.user = nobody
        self.server.start()

        def status(headers=None):
            return self.server.request("GET", "/api/v1/jobs", headers=headers)[0]
        self.assertEqual(status(), 200)
        key = self.add_key("laptop", ADA)
        for path, mode in ((os.path.dirname(file), 0o700), (file, 0o600)):
            info = os.stat(path)
            self.assertEqual((info.st_uid, info.st_gid, info.st_mode & 0o777), (nobody, nobody, mode))
        self.until(lambda: status() == 401, seconds=5)
        self.assertEqual(status(bearer(key)), 200)

        # As after an editor that replaces the file.
        with open(file, encoding="utf-8") as old, open(file + ".new", "w", encoding="utf-8") as new:
            new.write(old.read())
        os.chmod(file + ".new", 0o600)
        os.replace(file + ".new", file)
        self.until(lambda: status(bearer(key)) == 401, seconds=5)
        self.assertEqual(status(), 401)
        self.assertEqual(self.server.json("GET", "/readyz"),
                         (503, {"status": "not_ready", "failed": ["keys"]}))
        self.assertEqual(self.server.request("GET", "/livez")[0], 200)
        self.assertIn("the API keys cannot be read, so nobody has access", self.log())
        self.server.stop()
        with self.assertRaisesRegex(AssertionError, "access/keys.json cannot be read.*\n.*chown"):
            self.server.start()

        # The next command repairs it, including the folder.
        os.chown(os.path.dirname(file), 0, 0)
        phone = self.add_key("phone", BOB)
        self.server.start()
        self.assertEqual([status(), status(bearer(key)), status(bearer(phone))], [401, 200, 200])
        self.assertEqual(keys(self.data, "revoke", "phone").returncode, 0)
        self.until(lambda: status(bearer(phone)) == 401, seconds=5)
        self.assertEqual(status(bearer(key)), 200)

    @unittest.skipUnless(os.geteuid() == 0, "only root can be two users")
    def test_root_gives_away_nothing_that_a_link_leads_to(self):
        nobody = 65534
        os.chown(self.data, nobody, nobody)
        access = os.path.join(self.data, "access")
        os.mkdir(access, 0o700)
        os.chown(access, nobody, nobody)
        with tempfile.TemporaryDirectory() as elsewhere:
            secret = os.path.join(elsewhere, "shadow")
            with open(secret, "w", encoding="utf-8") as file:
                file.write("secret")
            os.chmod(secret, 0o600)
            for link in (os.symlink, os.link):
                link(secret, os.path.join(access, "keys.json"))
                self.assertNotEqual(keys(self.data, "add", "x", "--owner", ADA).returncode, 0)
                self.assertEqual(os.stat(secret).st_uid, 0)
                os.remove(os.path.join(access, "keys.json"))
            os.rmdir(access)
            os.symlink(elsewhere, access)
            keys(self.data, "add", "x", "--owner", ADA)
            self.assertEqual((os.stat(elsewhere).st_uid, os.listdir(elsewhere)), (0, ["shadow"]))

    def test_two_owners_never_meet(self):
        ada, bob = self.add_key("ada", ADA), self.add_key("bob", BOB)
        self.start()
        job = self.server.submit(make_pdf(2), headers=bearer(ada))
        with concurrent.futures.ThreadPoolExecutor() as pool:
            list(pool.map(lambda _: self.server.submit(make_pdf(1), headers=bearer(bob)), range(4)))
        absent = "00000000-0000-4000-8000-000000000000"
        for method, rest in (("GET", ""), ("GET", "/events"), ("GET", "/pages"), ("GET", "/pages/1.txt"),
                             ("GET", "/result"), ("POST", "/cancel"), ("POST", "/retry")):
            theirs = self.server.request(method, f"/api/v1/jobs/{job}{rest}", headers=bearer(bob))
            none = self.server.request(method, f"/api/v1/jobs/{absent}{rest}", headers=bearer(bob))
            self.assertEqual((theirs[0], theirs[2]), (404, none[2]), rest)
        self.server.request("DELETE", f"/api/v1/jobs/{job}", headers=bearer(bob))
        self.assertEqual(self.server.request("GET", f"/api/v1/jobs/{job}", headers=bearer(ada))[0], 200)
        self.assertEqual(len(self.server.json("GET", "/api/v1/jobs", headers=bearer(ada))[1]["jobs"]), 1)
        self.assertEqual(len(self.server.json("GET", "/api/v1/jobs", headers=bearer(bob))[1]["jobs"]), 4)
        log = self.log()
        self.assertEqual(len(re.findall(r"audit action=submit owner=bob@example\.org key=bob", log)), 4)
        self.assertIn(f"job={job} status=202", log)
        self.assertRegex(log, rf"audit action=cancel owner=bob@example\.org .*job={job} status=404")
        for secret in (ada, bob):
            self.assertNotIn(secret, log)

    def test_wrong_keys_lock_their_address_out(self):
        key = self.add_key("laptop", ADA)
        self.start(LOCK_OUT_FAILURES="3", LOCK_OUT_TIME="2s")

        def status(more, source):
            return self.ask(get("/api/v1/jobs", more=more), source=source)[0]
        wrong = "Authorization: Bearer wrong\r\n"
        self.assertEqual([status(wrong, "127.0.0.2") for _ in range(3)], [401] * 3)
        locked = self.ask(get("/api/v1/jobs", more=wrong), source="127.0.0.2")
        self.assertEqual(locked[0], 429)
        self.assertRegex(locked[1], rb"Retry-After: [12]\r\n")
        self.assertEqual(status(wrong, "127.0.0.3"), 401)
        self.assertEqual(status(f"X-API-Key: {key}\r\n", "127.0.0.2"), 200)
        self.until(lambda: status(wrong, "127.0.0.2") == 401)

    def test_host_and_origin_are_checked_without_keys(self):
        self.start(ALLOWED_HOSTS="ocr.lan, scan.lan:8080")
        port = self.server.port
        for status, host in ((200, "localhost"), (200, f"127.0.0.1:{port}"), (200, f"[::1]:{port}"),
                             (200, "ocr.lan:99"), (200, "scan.lan:8080"), (403, "scan.lan"),
                             (403, "evil.example"), (403, f"localhost:{port + 1}"), (403, "0.0.0.0"),
                             (403, "localhost.evil.example"), (403, "127.0.0.1.evil.example")):
            self.assertEqual(self.ask(get("/api/v1/jobs", host))[0], status, host)
        for status, more in ((202, f"Origin: http://localhost:{port}\r\n"), (202, ""),
                             (403, "Origin: http://evil.example\r\n"), (403, "Origin: null\r\n"),
                             (403, "Sec-Fetch-Site: cross-site\r\n"),
                             (403, f"Origin: http://localhost:{port + 1}\r\n")):
            body = make_pdf(1)
            answer = self.ask(f"POST /api/v1/jobs HTTP/1.1\r\nHost: localhost:{port}\r\n{more}"
                              f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
            self.assertEqual(answer[0], status, more)


class Requests(Door):
    def test_what_is_broken_or_ambiguous_is_refused_and_the_rest_served(self):
        self.start()
        post = "POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\n"
        smuggled = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"
        for statuses, request in (
                ((400,), post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"),
                ((400,), post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                ((400,), post + "Transfer-Encoding: chunked\r\n\r\nZZ\r\n"),
                ((400,), post + "Transfer-Encoding: chunked\r\n\r\n5\nhello\n0\n\n"),
                ((400,), post + "X: a\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                ((400,), post.replace("\r\n", "\n") + "Content-Length: 0\n\n"),
                ((400,), "GET / HTTP/1.1\r\n\r\n"),
                ((400,), "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n"),
                ((400,), "GET /%00 HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                ((400,), "GET /%c0%ae%c0%ae/etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                ((413,), post + "Content-Length: 99999999999\r\n\r\n"),
                ((414, 431), f"GET /{'a' * 100000} HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                ((431,), "GET / HTTP/1.1\r\nHost: localhost\r\n" + "X: y\r\n" * 20000 + "\r\n"),
                ((501,), "BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                ((505,), "GET / HTTP/2.0\r\nHost: localhost\r\n\r\n")):
            with self.subTest(request[:80]), Raw(self.server) as raw:
                try:
                    raw.send((request + smuggled).encode("latin-1"))
                except OSError:
                    pass  # the response came before everything was sent
                status, head, body = raw.answer()
                self.assertIn(status, statuses)
                self.assertIn(b"nosniff", head)
                problem = json.loads(body)
                self.assertTrue(problem["detail"] and problem["hint"] and problem["code"])
                self.assertTrue(raw.closed())
        for path in ("/../etc/passwd", "/api/v1/jobs/../../metrics", "/%2e%2e/metrics", "//metrics",
                     "/api/v1/jobs/..%2f..%2fkeys.json", "/keys.json", "/api/v1/jobs/x/pages/../result"):
            self.assertEqual(self.ask(get(path))[0], 404, path)
        self.assertEqual(self.ask(get("/livez"))[0], 200)

    def test_names_of_files_do_no_harm(self):
        self.start()
        name = '<script>alert(1)</script>\"; filename=evil.exe; x="%0d%0aSet-Cookie: a=b/../..'
        boundary = "b0undary"
        body = (f"--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename*=UTF-8''"
                + "".join(f"%{byte:02x}" for byte in name.encode())
                + "\r\n\r\n").encode() + make_pdf(1) + f"\r\n--{boundary}--\r\n".encode()
        job = self.server.json("POST", "/api/v1/jobs?mode=skip", body, {
            "Content-Type": f"multipart/form-data; boundary={boundary}", "Prefer": "wait=60"})[1]
        for rest in ("/result?format=hocr", "/result?format=txt", "/pages/1.hocr"):
            status, headers, text = self.server.request("GET", f"/api/v1/jobs/{job['job_id']}{rest}")
            self.assertEqual(status, 200, text)
            self.assertRegex(headers["Content-Disposition"],
                             r"^attachment; filename=\"[^\"\\\r\n<>]*\"; filename\*=UTF-8''[^<>\"\s]*$")
            self.assertNotIn("Set-Cookie", headers)
            self.assertIn("sandbox", headers["Content-Security-Policy"])
            self.assertNotIn(b"<script", text)

    def test_slow_clients_are_given_up_and_others_served(self):
        self.start(HEADER_TIMEOUT="1s", BODY_TIMEOUT="1s", KEEP_ALIVE_TIMEOUT="1s",
                   MIN_UPLOAD_RATE="1GB")
        slow_head, slow_body, drip, silent = [Raw(self.server) for _ in range(4)]
        slow_head.send(b"GET / HTTP/1.1\r\nHost: loc")
        head = b"POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n"
        slow_body.send(head + b"%PDF-1.4")
        drip.send(head)
        self.assertEqual(self.ask(get("/livez"))[0], 200)
        for _ in range(15):
            try:
                drip.send(b"x")
            except OSError:
                break
            time.sleep(0.2)
        for raw, status in ((slow_head, 408), (slow_body, 408), (drip, 408), (silent, 0)):
            self.assertEqual(raw.answer()[0], status)
            raw.socket.close()
        left = [name for _, _, names in os.walk(os.path.join(self.data, "users")) for name in names]
        self.assertEqual(left, [])

    def test_ten_thousand_idle_connections_keep_nobody_out(self):
        wanted = 10_000
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        connections = min(wanted, hard - 500)
        resource.setrlimit(resource.RLIMIT_NOFILE, (connections + 400, hard))
        self.start(MAX_CONNECTIONS="8000", HEADER_TIMEOUT="60s")
        self.assertEqual(self.ask(get("/livez"))[0], 200)
        before = resident_mb(self.server.process.pid)
        idle = []
        for number in range(connections):
            idle.append(Raw(self.server, source=f"127.0.1.{number % 50 + 1}"))
        self.assertEqual(self.ask(get("/livez"))[0], 200)
        job = self.server.submit(make_pdf(1))
        self.assertEqual(self.server.wait(job)["status"], "completed")
        grown = resident_mb(self.server.process.pid) - before
        self.assertLess(grown, 150, "MB for the idle connections")
        # Only a single address is limited, the others are not.
        for raw in idle:
            raw.socket.close()
        self.server.stop()
        self.start(MAX_CONNECTIONS_PER_ADDRESS="20")
        many = [Raw(self.server, source="127.0.0.7") for _ in range(20)]
        self.assertEqual(many[-1].send(get("/livez")).answer()[0], 200)
        status, head, _ = self.ask(get("/livez"), source="127.0.0.7")
        self.assertEqual(status, 429)
        self.assertIn(b"Retry-After", head)
        self.assertEqual(self.ask(get("/livez"), source="127.0.0.8")[0], 200)
        for raw in many:
            raw.socket.close()


class Overload(Door):
    def test_a_full_disk_refuses_new_work_and_running_work_waits_for_room(self):
        self.start()
        job = self.server.submit(make_pdf(40), "?mode=force")
        self.server.stop()
        self.start(DISK_FLOOR="1000000GB")
        status, headers, body = self.server.request("POST", "/api/v1/jobs", make_pdf(1))
        self.assertEqual((status, json.loads(body)["code"]), (507, "disk_full"))
        self.assertIn("DISK_FLOOR", json.loads(body)["hint"])
        self.assertTrue(headers["Retry-After"])
        waiting = self.server.json("GET", f"/api/v1/jobs/{job}")[1]
        time.sleep(2)
        self.assertEqual(self.server.json("GET", f"/api/v1/jobs/{job}")[1]["pages"]["completed"],
                         waiting["pages"]["completed"])
        self.server.stop()
        self.start()
        self.assertEqual(self.server.wait(job)["status"], "completed")

    def test_limits_of_an_owner_name_themselves(self):
        ada, bob = self.add_key("ada", ADA), self.add_key("bob", BOB)
        self.start(MAX_JOBS_PER_OWNER="1", MAX_QUEUED_PAGES_PER_OWNER="400",
                   MAX_EVENT_STREAMS_PER_OWNER="1", MAX_REQUESTS_PER_SECOND="1000")

        def refused(answer, setting):
            status, headers, body = answer
            self.assertEqual(status, 429, body)
            problem = json.loads(body)
            self.assertEqual(problem["code"], "too_many_requests")
            self.assertIn(setting, problem["hint"])
            self.assertTrue(headers["Retry-After"])

        refused(self.server.request("POST", "/api/v1/jobs", make_pdf(401), bearer(ada)),
                "MAX_QUEUED_PAGES_PER_OWNER")
        job = self.server.submit(make_pdf(400), "?mode=force", bearer(ada))
        refused(self.server.request("POST", "/api/v1/jobs", make_pdf(1), bearer(ada)),
                "MAX_JOBS_PER_OWNER")
        self.server.submit(make_pdf(1), headers=bearer(bob))
        path = f"/api/v1/jobs/{job}/events"
        with Raw(self.server) as stream:
            stream.send(get(path, more=f"X-API-Key: {ada}\r\n"))
            self.assertIn(b"200 OK", stream.read())
            refused(self.server.request("GET", path, headers=bearer(ada)),
                    "MAX_EVENT_STREAMS_PER_OWNER")
        self.server.request("DELETE", f"/api/v1/jobs/{job}", headers=bearer(ada))

        def accepted():
            return self.server.request("POST", "/api/v1/jobs", make_pdf(1), bearer(ada))[0] == 202
        self.until(accepted)

    def test_requests_per_second(self):
        self.start(MAX_REQUESTS_PER_SECOND="5")
        with Raw(self.server) as raw:
            raw.send(get("/livez") * 50)
            data = b""
            while data.count(b"HTTP/1.1 ") < 50:
                data += raw.read()
        self.assertGreaterEqual(data.count(b"HTTP/1.1 200"), 5)
        self.assertIn(b"HTTP/1.1 429 Too Many Requests", data)
        self.assertIn(b"MAX_REQUESTS_PER_SECOND", data)
        self.assertEqual(self.ask(get("/livez"), source="127.0.0.9")[0], 200)


if __name__ == "__main__":
    unittest.main(verbosity=1)
