"""The plumbing under the fakes: a threaded HTTP/1.1 server on loopback with faults and counters.

A fake is a Service: `describe` names what a request is, `handle` answers it. Before or after that a rule
may strike. Admin endpoints that every fake has, all JSON:

  POST /_faults    {"rules": [RULE...], "seed": 7, "replace": true}: from now on. Answers the rules.
  GET  /_faults    the rules with "seen" (requests that matched) and "fired".
  DELETE /_faults  no more faults.
  GET  /_stats     the fake's counters.   POST /_settings  the fake's settings (see each fake).
  GET  /_ready     {"ready": true}

RULE: which requests: "method" ("POST"), "op" (a regular expression on the fake's name of the
operation), "name" (likewise on the object's or task's name); of these, when: "nth" (1 is the first one),
"every" (each k-th), "probability", or always; at most "times" (1 with "nth", else unlimited); and what:
  "kind": "status", "status": 503, "retry_after": 1       answered so, without effect
  "kind": "reset_before"                                  connection reset, without effect
  "kind": "reset_after"                                   takes effect, then reset: the answer is lost
  "kind": "stall", "seconds": 5, "then": KIND             waits first; "then": "" goes on as usual
  "kind": "broken_stream", "after_bytes": 100             so many bytes of the answer's body, then reset
                                                          (an answer without a body is lost)
  "kind": "cut_upload", "after_bytes": 300000             so many bytes of the request's body arrive
"""
import json
import random
import re
import socket
import struct
import sys
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MAX_BODY = 1 << 31


class Request:
    def __init__(self, method, target, headers, body):
        self.method = method
        parts = urllib.parse.urlsplit(target)
        self.path = parts.path  # still percent-encoded
        self.query = dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))
        self.headers = headers
        self.body = body
        self.is_cut = False  # the body is not all there

    def json(self):
        return json.loads(self.body) if self.body else {}

    def token(self):
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        return token if scheme == "Bearer" else None


class Response:
    def __init__(self, status=200, body=b"", headers=None, content_type="application/json"):
        self.status = status
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.headers = dict({"Content-Type": content_type}, **(headers or {}))


class Faults:
    def __init__(self):
        self.lock = threading.Lock()
        self.rules = []
        self.random = random.Random(1)

    def set(self, body):
        with self.lock:
            if body.get("replace", True):
                self.rules = []
            if "seed" in body:
                self.random = random.Random(body["seed"])
            for rule in body.get("rules", []):
                self.rules.append(dict(rule, seen=0, fired=0))
            return {"rules": self.rules}

    def matches(self, rule, method, op, name):
        return (rule.get("method", method) == method and re.search(rule.get("op", ""), op)
                and re.search(rule.get("name", ""), name))

    def is_due(self, rule):
        if rule["fired"] >= rule.get("times", 1 if "nth" in rule else 1 << 60):
            return False
        if "nth" in rule:
            return rule["seen"] >= rule["nth"]
        if "every" in rule:
            return rule["seen"] % rule["every"] == 0
        return self.random.random() < rule.get("probability", 1)

    def strike(self, method, op, name):
        """The rule that strikes this request, or None."""
        with self.lock:
            for rule in self.rules:
                if not self.matches(rule, method, op, name):
                    continue
                rule["seen"] += 1
                if self.is_due(rule):
                    rule["fired"] += 1
                    return dict(rule)
        return None


class Service:
    """What a fake implements."""
    settings = {}

    def describe(self, request):
        """(operation, name)"""
        return request.path, ""

    def handle(self, request):
        raise NotImplementedError

    def stats(self):
        return {}

    def changed(self, settings):
        self.settings.update(settings)

    def error(self, status, message):
        return Response(status, {"error": {"code": status, "message": message}})


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    rbufsize = 1 << 18

    def log_message(self, *args):
        pass

    def read_chunked(self):
        body = bytearray()
        while True:
            size = int(self.rfile.readline(100).split(b";")[0], 16)
            if size == 0:
                while self.rfile.readline(10000).strip():
                    pass
                return bytes(body)
            body += self.rfile.read(size)
            self.rfile.readline(10)

    def read_body(self, limit):
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            body = self.read_chunked()
            return body if limit is None else body[:limit]
        size = int(self.headers.get("Content-Length", 0))
        if size > MAX_BODY:
            raise ValueError("body too long")
        if limit is not None:
            size = min(size, limit)
        return self.rfile.read(size)

    def reset(self):
        """The peer sees ECONNRESET, not an orderly end."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.shutdown(socket.SHUT_RD)
        self.connection.close()

    def send(self, response, stop_after=None):
        lines = [f"HTTP/1.1 {response.status} {self.responses.get(response.status, ('Other',))[0]}"]
        headers = dict(response.headers)
        if response.status != 204:
            headers.setdefault("Content-Length", str(len(response.body)))
        lines += [f"{name}: {value}" for name, value in headers.items()]
        body = b"" if self.command == "HEAD" or response.status == 204 else response.body
        if stop_after is not None:
            body = body[:stop_after]
        self.connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    def admin(self, path, body):
        service, faults = self.server.service, self.server.faults
        if path == "/_faults" and self.command == "POST":
            return Response(200, faults.set(json.loads(body)))
        if path == "/_faults" and self.command == "DELETE":
            return Response(200, faults.set({}))
        if path == "/_faults":
            with faults.lock:
                return Response(200, {"rules": faults.rules})
        if path == "/_stats":
            return Response(200, service.stats())
        if path == "/_settings":
            if self.command == "POST":
                service.changed(json.loads(body))
            return Response(200, service.settings)
        if path == "/_ready":
            return Response(200, {"ready": True})
        return None

    def answer(self):
        path = urllib.parse.urlsplit(self.path).path
        if path.startswith("/_"):
            body = self.read_body(None)
            response = self.admin(path, body)
            if response is None:  # one of the fake's own
                response = self.server.service.handle(Request(self.command, self.path, self.headers, body))
            return self.send(response)
        request = Request(self.command, self.path, self.headers, b"")
        rule = self.server.faults.strike(self.command, *self.server.service.describe(request))
        kind = rule["kind"] if rule else ""
        request.body = self.read_body(rule.get("after_bytes") if kind == "cut_upload" else None)
        request.is_cut = kind == "cut_upload"
        if kind == "stall":
            time.sleep(rule.get("seconds", 5))
            kind = rule.get("then", "")
        if kind == "status":
            headers = {"Retry-After": str(rule["retry_after"])} if "retry_after" in rule else {}
            response = self.server.service.error(rule["status"], "a fault that was asked for")
            response.headers.update(headers)
            return self.send(response)
        if kind == "reset_before":
            return self.reset()
        response = self.server.service.handle(request)
        if kind in ("reset_after", "cut_upload") or (kind == "broken_stream" and not response.body):
            return self.reset()
        if kind == "broken_stream" and response.body:
            self.send(response, rule.get("after_bytes", len(response.body) // 2))
            time.sleep(0.02)  # a reset overtakes what the peer has not read yet
            return self.reset()
        return self.send(response)

    def do_GET(self):
        try:
            self.answer()
        except (ConnectionError, BrokenPipeError):
            self.close_connection = True

    do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = do_GET


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, service, port=0, host="127.0.0.1"):
        super().__init__((host, port), Handler)
        self.service = service
        self.faults = Faults()
        self.url = f"http://{host}:{self.server_address[1]}"
        service.url = self.url

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], (ConnectionError, OSError)):
            super().handle_error(request, client_address)

    def finish_request(self, request, client_address):
        try:
            super().finish_request(request, client_address)
        except OSError:
            pass  # the socket of a reset connection is gone


def serve(service, port=0, host="127.0.0.1"):
    """Prints the port on a line of its own and serves until killed."""
    server = Server(service, port, host)
    print(server.server_address[1], flush=True)
    try:
        server.serve_forever(poll_interval=3600)
    except KeyboardInterrupt:
        pass
