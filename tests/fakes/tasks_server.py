#!/usr/bin/env python3
"""Cloud Tasks for tests: REST v2 CreateTask, and deliveries to HTTP targets as the real one makes them.

  tasks_server.py [--concurrency 1] [--min-backoff 0.1] [--max-backoff 1] [--seed 1]

Prints its port. What is kept from the real service: named tasks are created once, also long after
they ran (409); 2xx acknowledges, everything else comes again with a growing pause; a delivery that
passes its dispatchDeadline is cut and comes again while the worker may still be at it; the headers
X-CloudTasks-*; an OIDC token signed RS256 for the audience and account that the task names.

  GET  /certs     the keys that sign the tokens (JWKS)
  GET  /_stats    {"created", "exists", "deliveries", "acknowledged", "waiting", "in_flight",
                   "log": [{"name", "attempt", "status", "body", "answer"}]}
  POST /_faults   {"create_503": p, "create_lost": p, "duplicate": p, "lose": p, "overrun": p},
                  p from 0 to 1: refused; created, but the answer is cut off; delivered twice;
                  never delivered; past its deadline after {"overrun_after": seconds}
  POST /_queue    {"pause": true|false}, {"purge": true}, {"concurrency": n}
  POST /_token    {"email", "audience", "seconds"} -> {"token"}: for tests of the worker's door
"""
import argparse
import base64
import calendar
import http.client
import http.server
import json
import os
import random
import re
import socket
import subprocess
import tempfile
import threading
import time
import urllib.parse

PATH = re.compile(r"^/v2/projects/[^/]+/locations/[^/]+/queues/[^/]+/tasks$")


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Signer:
    """An RSA key; its tokens and its public half."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="gnosis-tasks-key-")
        self.key = os.path.join(self.folder.name, "key.pem")
        subprocess.run(["openssl", "genrsa", "-out", self.key, "2048"], check=True,
                       stderr=subprocess.DEVNULL)
        modulus = subprocess.run(["openssl", "rsa", "-in", self.key, "-noout", "-modulus"],
                                 check=True, capture_output=True, text=True).stdout
        self.modulus = bytes.fromhex(modulus.strip().split("=")[1])
        self.cached = {}
        self.lock = threading.Lock()

    def jwks(self):
        return {"keys": [{"kid": "fake-1", "kty": "RSA", "alg": "RS256", "use": "sig",
                          "n": base64url(self.modulus), "e": "AQAB"}]}

    def token(self, email, audience, seconds=3600):
        with self.lock:
            at = time.time()
            known = self.cached.get((email, audience, seconds))
            if known and known[0] > at - 600:
                return known[1]
            header = {"alg": "RS256", "typ": "JWT", "kid": "fake-1"}
            claims = {"iss": "https://accounts.google.com", "aud": audience, "sub": "1234",
                      "email": email, "email_verified": True, "iat": int(at) - 1,
                      "exp": int(at) + seconds}
            part = ".".join(base64url(json.dumps(x).encode()) for x in (header, claims))
            signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.key],
                                       input=part.encode(), check=True, capture_output=True).stdout
            token = f"{part}.{base64url(signature)}"
            self.cached[(email, audience, seconds)] = (at, token)
            return token


def seconds_of(duration, default):
    return float(duration.rstrip("s")) if duration else default


def time_of(text):
    """RFC 3339, UTC, to seconds; 0 for nothing."""
    if not text:
        return 0.0
    match = re.match(r"(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+)(\.\d+)?Z$", text)
    parts = [int(x) for x in match.groups()[:6]]
    return calendar.timegm(tuple(parts) + (0, 0, 0)) + float(match.group(7) or 0)


class Queue:
    def __init__(self, args):
        self.args = args
        self.signer = Signer()
        self.random = random.Random(args.seed)
        self.lock = threading.Condition()
        self.names = set()
        self.waiting = []  # {"name", "due", "task", "attempt", "pause"}
        self.in_flight = 0
        self.concurrency = args.concurrency
        self.paused = False
        self.faults = {}
        self.counts = {"created": 0, "exists": 0, "deliveries": 0, "acknowledged": 0}
        self.log = []
        threading.Thread(target=self.dispatch, daemon=True).start()

    def strikes(self, fault):
        return self.random.random() < self.faults.get(fault, 0)

    def create(self, task):
        """-> status of the answer, or None: the answer is to be cut off."""
        with self.lock:
            if self.strikes("create_503"):
                return 503
            name = task.get("name") or f"unnamed-{len(self.names)}"
            if name in self.names:
                self.counts["exists"] += 1
                return 409
            self.names.add(name)
            self.counts["created"] += 1
            if not self.strikes("lose"):
                for _ in range(2 if self.strikes("duplicate") else 1):
                    self.waiting.append({"name": name, "task": task, "attempt": 0,
                                         "due": time_of(task.get("scheduleTime")),
                                         "pause": self.args.min_backoff})
            self.lock.notify_all()
            return None if self.strikes("create_lost") else 200

    def next_due(self, now):
        if self.paused or self.in_flight >= self.concurrency:
            return None
        due = [item for item in self.waiting if item["due"] <= now]
        return min(due, key=lambda item: item["due"]) if due else None

    def dispatch(self):
        while True:
            with self.lock:
                item = self.next_due(time.time())
                if item is None:
                    self.lock.wait(0.02)
                    continue
                self.waiting.remove(item)
                self.in_flight += 1
                self.counts["deliveries"] += 1
            threading.Thread(target=self.deliver, args=(item,), daemon=True).start()

    def deliver(self, item):
        status, answer = self.post(item)
        with self.lock:
            self.in_flight -= 1
            body = base64.b64decode(item["task"]["httpRequest"].get("body", ""))
            self.log.append({"name": item["name"], "attempt": item["attempt"], "status": status,
                             "body": body.decode("utf-8", "replace"), "answer": answer})
            if 200 <= status < 300:
                self.counts["acknowledged"] += 1
            else:
                item["attempt"] += 1
                item["due"] = time.time() + item["pause"]
                item["pause"] = min(item["pause"] * 2, self.args.max_backoff)
                self.waiting.append(item)
            self.lock.notify_all()

    def post(self, item):
        request = item["task"]["httpRequest"]
        url = urllib.parse.urlsplit(request["url"])
        headers = dict(request.get("headers", {}))
        oidc = request.get("oidcToken")
        if oidc:
            audience = oidc.get("audience") or request["url"]
            token = self.signer.token(oidc["serviceAccountEmail"], audience)
            headers["Authorization"] = "Bearer " + token
        headers.update({"User-Agent": "Google-Cloud-Tasks",
                        "X-CloudTasks-QueueName": "fake", "X-CloudTasks-TaskETA": str(item["due"]),
                        "X-CloudTasks-TaskName": item["name"].rsplit("/", 1)[-1],
                        "X-CloudTasks-TaskRetryCount": str(item["attempt"]),
                        "X-CloudTasks-TaskExecutionCount": "0"})
        deadline = seconds_of(item["task"].get("dispatchDeadline"), 600)
        with self.lock:
            if self.strikes("overrun"):
                deadline = self.faults.get("overrun_after", 0.5)
        connection = http.client.HTTPConnection(url.hostname, url.port, timeout=deadline)
        try:
            connection.request("POST", url.path or "/", base64.b64decode(request.get("body", "")),
                               headers)
            reply = connection.getresponse()
            return reply.status, reply.read(4096).decode("utf-8", "replace")
        except socket.timeout:
            return 504, "deadline exceeded"
        except (OSError, http.client.HTTPException) as error:
            return 503, str(error)
        finally:
            connection.close()

    def stats(self):
        with self.lock:
            return {**self.counts, "waiting": len(self.waiting), "in_flight": self.in_flight,
                    "log": list(self.log)}

    def admin(self, wanted):
        with self.lock:
            self.paused = wanted.get("pause", self.paused)
            self.concurrency = wanted.get("concurrency", self.concurrency)
            if wanted.get("purge"):
                self.waiting.clear()
            self.lock.notify_all()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    queue = None

    def log_message(self, *args):
        pass

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=UTF-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def error(self, status, name, message):
        self.answer(status, {"error": {"code": status, "message": message, "status": name}})

    def do_GET(self):
        if self.path == "/certs":
            return self.answer(200, self.queue.signer.jwks())
        if self.path == "/_stats":
            return self.answer(200, self.queue.stats())
        self.error(404, "NOT_FOUND", "no such path")

    def do_POST(self):
        value = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        path = urllib.parse.urlsplit(self.path).path
        if path == "/_faults":
            self.queue.faults = value
            return self.answer(200, {})
        if path == "/_queue":
            self.queue.admin(value)
            return self.answer(200, {})
        if path == "/_token":
            return self.answer(200, {"token": self.queue.signer.token(
                value["email"], value["audience"], value.get("seconds", 3600))})
        if not PATH.match(urllib.parse.unquote(path)):
            return self.error(404, "NOT_FOUND", "Queue does not exist. If you just created the "
                              "queue, wait at least a minute for the queue to initialize.")
        self.create(value["task"])

    def create(self, task):
        problem = self.wrong_with(task)
        if problem:
            return self.error(400, "INVALID_ARGUMENT", problem)
        status = self.queue.create(task)
        if status is None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
        elif status == 409:
            self.error(409, "ALREADY_EXISTS", "Requested entity already exists")
        elif status == 503:
            self.error(503, "UNAVAILABLE", "try again")
        else:
            self.answer(200, {**task, "createTime": "2026-01-01T00:00:00Z"})

    @staticmethod
    def wrong_with(task):
        request = task.get("httpRequest", {})
        if not re.match(r"https?://", request.get("url", "")):
            return "the URL must start with http:// or https://"
        name = task.get("name", "x/tasks/x").rsplit("/", 1)[-1]
        if not re.match(r"^[A-Za-z0-9_-]{1,500}$", name):
            return "the task id must match [A-Za-z0-9_-]{1,500}"
        if not 15 <= seconds_of(task.get("dispatchDeadline"), 600) <= 1800:
            return "the dispatch deadline must be between 15s and 30m"
        return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--concurrency", type=int, default=1)
    parser.add_argument("--min-backoff", type=float, default=0.1)
    parser.add_argument("--max-backoff", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    Handler.queue = Queue(parser.parse_args())
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
