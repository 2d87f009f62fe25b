#!/usr/bin/env python3
"""The stand-ins keep the rules that they say they keep. Standard library only."""
import base64
import hashlib
import json
import os
import subprocess
import sys
import threading
import time
import unittest
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HERE = os.path.dirname(os.path.abspath(__file__))
QUEUE = "projects/demo/locations/here/queues/ocr"
ACCOUNT = "ocr@demo.example"


class Fake:
    def __init__(self, name, *arguments):
        self.process = subprocess.Popen([sys.executable, "-B", os.path.join(HERE, name), *arguments],
                                        stdout=subprocess.PIPE, text=True)
        self.url = "http://127.0.0.1:" + self.process.stdout.readline().strip()

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def call(self, method, path, body=None, headers=None):
        """(status, bytes)"""
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.url + path, data, headers or {}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()

    def json(self, method, path, body=None):
        status, answer = self.call(method, path, body)
        return status, json.loads(answer)

    def stats(self):
        return self.json("GET", "/_stats")[1]


class Worker:
    """Answers each delivery with what `answer(number)` says and remembers its headers."""

    def __init__(self, answer):
        self.lock = threading.Lock()
        self.deliveries, self.inside, self.most_inside = [], 0, 0
        worker = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                with worker.lock:
                    worker.inside += 1
                    worker.most_inside = max(worker.most_inside, worker.inside)
                    number = len(worker.deliveries)
                    worker.deliveries.append((time.monotonic(), dict(self.headers), body))
                status = answer(number)
                with worker.lock:
                    worker.inside -= 1
                try:
                    self.send_response(status)
                    self.send_header("Location", "/elsewhere")
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                except OSError:
                    pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def until(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError("did not come true in time")
        time.sleep(0.01)


class TasksTest(unittest.TestCase):
    def setUp(self):
        self.fake = Fake("tasks_server.py", "--queue", QUEUE, "--account", ACCOUNT)
        self.addCleanup(self.fake.stop)

    def worker(self, answer=lambda number: 200):
        worker = Worker(answer)
        self.addCleanup(worker.stop)
        return worker

    def configure(self, **fields):
        status, queue = self.fake.json("PATCH", "/v2/" + QUEUE, fields)
        self.assertEqual(status, 200, queue)

    def create(self, worker, name=None, **fields):
        task = {"httpRequest": {"url": worker.url + "/work", "httpMethod": "POST",
                                "headers": {"Content-Type": "application/json", "X-CloudTasks-Forged": "1"},
                                "body": base64.b64encode(b'{"a":1}').decode(),
                                "oidcToken": {"serviceAccountEmail": ACCOUNT, "audience": "https://w"}}}
        task.update(fields)
        if name:
            task["name"] = f"{QUEUE}/tasks/{name}"
        return self.fake.json("POST", f"/v2/{QUEUE}/tasks", {"task": task})

    def test_a_task_is_delivered_with_its_headers_and_a_signed_token(self):
        worker = self.worker()
        self.assertEqual(self.create(worker, "t1")[0], 200)
        until(lambda: self.fake.stats()["succeeded"] == 1)
        _, headers, body = worker.deliveries[0]
        self.assertEqual(body, b'{"a":1}')
        self.assertEqual(headers["User-Agent"], "Google-Cloud-Tasks")
        self.assertEqual(headers["X-CloudTasks-QueueName"], "ocr")
        self.assertEqual(headers["X-CloudTasks-TaskName"], "t1")
        self.assertEqual(headers["X-CloudTasks-TaskRetryCount"], "0")
        self.assertNotIn("X-CloudTasks-Forged", headers)
        self.check_token(headers["Authorization"].removeprefix("Bearer "))

    def check_token(self, token):
        head, claims, signature = token.split(".")

        def decode(text):
            return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        header, said = json.loads(decode(head)), json.loads(decode(claims))
        self.assertEqual((header["alg"], said["aud"], said["email"]), ("RS256", "https://w", ACCOUNT))
        keys = {key["kid"]: key for key in self.fake.json("GET", "/certs")[1]["keys"]}
        n = int.from_bytes(decode(keys[header["kid"]]["n"]), "big")
        opened = pow(int.from_bytes(decode(signature), "big"), 65537, n).to_bytes(256, "big")
        self.assertEqual(opened[-32:], hashlib.sha256(f"{head}.{claims}".encode()).digest())

    def test_a_name_stays_taken_after_its_task_has_run(self):
        worker = self.worker()
        self.assertEqual(self.create(worker, "t1")[0], 200)
        until(lambda: self.fake.stats()["waiting"] == 0)
        status, answer = self.create(worker, "t1")
        self.assertEqual((status, answer["error"]["status"]), (409, "ALREADY_EXISTS"))
        status, answer = self.fake.json("GET", f"/v2/{QUEUE}/tasks/t1")
        self.assertEqual(status, 404)
        self.assertIn("existed recently", answer["error"]["message"])

    def test_everything_but_2xx_is_tried_again_with_growing_delays(self):
        answers = [503, 404, 302, 200]
        worker = self.worker(lambda number: answers[number])
        self.configure(retryConfig={"minBackoff": "0.1s", "maxBackoff": "0.4s", "maxDoublings": 5})
        self.create(worker, "t1")
        until(lambda: self.fake.stats()["succeeded"] == 1)
        times = [when for when, _, _ in worker.deliveries]
        delays = [b - a for a, b in zip(times, times[1:])]
        for delay, expected in zip(delays, (0.1, 0.2, 0.4)):
            self.assertGreaterEqual(delay, expected * 0.95)
        headers = [headers for _, headers, _ in worker.deliveries]
        self.assertEqual([h["X-CloudTasks-TaskRetryCount"] for h in headers], ["0", "1", "2", "3"])
        self.assertEqual([h["X-CloudTasks-TaskExecutionCount"] for h in headers], ["0", "0", "1", "2"])
        self.assertEqual(headers[2]["X-CloudTasks-TaskPreviousResponse"], "404")

    def test_attempts_are_given_up_on(self):
        worker = self.worker(lambda _: 500)
        self.configure(retryConfig={"maxAttempts": 3, "minBackoff": "0.01s"})
        self.create(worker, "t1")
        until(lambda: self.fake.stats()["given_up"] == 1)
        self.assertEqual(len(worker.deliveries), 3)
        self.assertEqual(self.fake.stats()["waiting"], 0)

    def test_no_more_than_so_many_are_in_flight(self):
        gate = threading.Event()
        worker = self.worker(lambda _: 200 if gate.wait(20) else 500)
        self.configure(rateLimits={"maxConcurrentDispatches": 3})
        for i in range(8):
            self.create(worker, f"t{i}")
        until(lambda: worker.inside == 3)
        gate.set()
        until(lambda: self.fake.stats()["succeeded"] == 8)
        self.assertEqual(worker.most_inside, 3)

    def test_past_the_deadline_a_second_delivery_overlaps_the_first(self):
        gate = threading.Event()
        worker = self.worker(lambda number: 200 if number > 0 or gate.wait(20) else 500)
        self.fake.json("POST", "/_settings", {"time_scale": 30.0})
        self.configure(rateLimits={"maxConcurrentDispatches": 1})
        self.create(worker, "t1", dispatchDeadline="15s")
        until(lambda: self.fake.stats()["succeeded"] == 1)
        self.assertEqual(worker.most_inside, 2)
        gate.set()
        second = worker.deliveries[1][1]
        self.assertEqual(second["X-CloudTasks-TaskPreviousResponse"], "504")
        self.assertEqual(second["X-CloudTasks-TaskExecutionCount"], "0")
        self.assertEqual(self.fake.stats()["timed_out"], 1)

    def test_schedules_pauses_purges(self):
        worker = self.worker()
        self.fake.json("POST", f"/v2/{QUEUE}:pause", {})
        self.create(worker, "t1")
        later = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
        self.create(worker, "t2", scheduleTime=later)
        self.fake.json("POST", f"/v2/{QUEUE}:resume", {})
        until(lambda: self.fake.stats()["succeeded"] == 1)
        self.assertEqual(self.fake.stats()["waiting"], 1)
        self.fake.json("POST", f"/v2/{QUEUE}:purge", {})
        self.assertEqual(self.fake.stats()["waiting"], 0)
        self.assertEqual(self.create(worker, "t2")[0], 409)

    def test_tasks_are_lost_and_doubled_when_asked(self):
        worker = self.worker()
        self.fake.json("POST", "/_settings", {"lose": 1})
        self.assertEqual(self.create(worker, "t1")[0], 200)
        self.fake.json("POST", "/_settings", {"lose": 0, "duplicate": 1})
        self.create(worker, "t2")
        until(lambda: len(worker.deliveries) == 2)
        self.assertEqual({h["X-CloudTasks-TaskName"] for _, h, _ in worker.deliveries}, {"t2"})
        self.assertEqual(self.fake.stats()["lost"], 1)

    def test_limits_are_kept(self):
        worker = self.worker()
        far = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 31 * 86400))
        for fields in ({"dispatchDeadline": "14s"}, {"dispatchDeadline": "1801s"}, {"scheduleTime": far},
                       {"name": QUEUE + "/tasks/a.b"}, {"httpRequest": {"url": "worker/work"}}):
            self.assertEqual(self.create(worker, **fields)[0], 400, fields)
        status, answer = self.create(worker, httpRequest={
            "url": worker.url, "oidcToken": {"serviceAccountEmail": "no@demo.example"}})
        self.assertEqual((status, "Queue" in answer["error"]["message"]), (404, False))
        status, answer = self.fake.json("POST", f"/v2/{QUEUE}x/tasks", {"task": {}})
        self.assertEqual((status, "Queue" in answer["error"]["message"]), (404, True))


class StorageTest(unittest.TestCase):
    def setUp(self):
        self.fake = Fake("storage_server.py", "--bucket", "attic")
        self.addCleanup(self.fake.stop)

    def insert(self, name, body="x", query=""):
        return self.fake.call("POST", f"/upload/storage/v1/b/attic/o?uploadType=media&name={name}{query}",
                              body)[0]

    def test_preconditions(self):
        path = "/storage/v1/b/attic/o/a"
        self.assertEqual(self.insert("a", query="&ifGenerationMatch=0"), 200)
        self.assertEqual(self.insert("a", query="&ifGenerationMatch=0"), 412)
        generation = self.fake.json("GET", path)[1]["generation"]
        self.assertEqual(self.fake.call("GET", path + "?ifGenerationMatch=1")[0], 412)
        self.assertEqual(self.fake.call("GET", path + "?ifGenerationNotMatch=" + generation)[0], 304)
        self.assertEqual(self.fake.call("DELETE", path + "?ifGenerationMatch=1")[0], 412)
        self.assertEqual(self.fake.call("PATCH", path + "?ifMetagenerationMatch=9", {})[0], 412)
        self.assertEqual(self.fake.call("DELETE", path + "?ifGenerationMatch=" + generation)[0], 204)
        self.assertEqual(self.fake.call("DELETE", path)[0], 404)

    def test_ranges_and_checksums(self):
        self.insert("a", "0123456789")  # as JSON: with quotes
        path = "/storage/v1/b/attic/o/a?alt=media"
        self.assertEqual(self.fake.call("GET", path, headers={"Range": "bytes=1-3"}), (206, b"012"))
        self.assertEqual(self.fake.call("GET", path, headers={"Range": "bytes=99-"})[0], 416)
        bad = {"X-Goog-Hash": "crc32c=AAAAAA=="}
        self.assertEqual(self.fake.call("POST", "/upload/storage/v1/b/attic/o?uploadType=media&name=b", "x",
                                        bad)[0], 400)

    def test_one_write_a_second_when_asked(self):
        self.fake.json("POST", "/_settings", {"write_limit": True})
        self.assertEqual([self.insert("a"), self.insert("a"), self.insert("b")], [200, 429, 200])

    def test_pieces_must_be_whole_and_the_status_is_not_the_end(self):
        request = urllib.request.Request(
            self.fake.url + "/upload/storage/v1/b/attic/o?uploadType=resumable&name=a", b"{}", method="POST")
        with urllib.request.urlopen(request) as answer:
            path = answer.headers["Location"].removeprefix(self.fake.url)

        def put(body, content_range):
            data = urllib.request.Request(self.fake.url + path, body, {"Content-Range": content_range},
                                          method="PUT")
            try:
                with urllib.request.urlopen(data) as answer:
                    return answer.status, answer.headers.get("Range")
            except urllib.error.HTTPError as error:
                with error:
                    return error.code, error.headers.get("Range")
        unit = 256 * 1024
        self.assertEqual(put(b"", "bytes */*"), (308, None))
        self.assertEqual(put(b"x" * 100, "bytes 0-99/*")[0], 400)
        self.assertEqual(put(b"x" * unit, f"bytes 0-{unit - 1}/*"), (308, f"bytes=0-{unit - 1}"))
        self.assertEqual(put(b"", "bytes */*"), (308, f"bytes=0-{unit - 1}"))
        self.assertEqual(put(b"y" * 5, f"bytes {unit}-{unit + 4}/{unit + 5}")[0], 200)
        self.assertEqual(put(b"", f"bytes */{unit + 5}")[0], 200)


if __name__ == "__main__":
    unittest.main()
