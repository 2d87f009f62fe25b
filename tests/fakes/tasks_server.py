#!/usr/bin/env python3
"""A stand-in for Cloud Tasks (REST v2, HTTP targets), Google's JWKS and the metadata server.

  tasks_server.py [--port 0] [--queue projects/P/locations/L/queues/Q]... [--issuer URL]
                  [--account E-MAIL]... [--default-account E-MAIL]

prints its port. Without --account every service account exists. Faults of the API's own requests:
see fake_http.py, with the operations create_task get_task delete_task list_tasks create_queue get_queue
update_queue delete_queue purge pause resume token identity certs and the task's or queue's name.

Kept rules: at least once; a name answers 409 as long as its task exists and afterwards; 404 with
different messages for a missing queue and a missing account; success is 2xx alone, anything else, a
redirect too, is tried again with minBackoff doubled maxDoublings times, then rising by the last step, up
to maxBackoff; maxAttempts and maxRetryDuration are given up on only when both are spent;
maxConcurrentDispatches, maxDispatchesPerSecond (a bucket of tokens, burst as large as the rate); at the
dispatch deadline the request is dropped while its worker may go on, and the next attempt says
PreviousResponse 504; X-CloudTasks-* headers, ExecutionCount without 5xx; scheduleTime; limits: deadline
15 s to 30 min, schedule 30 days, 1 MB, name and URL shapes: 400.
OIDC: RS256, signed with a key of our own, at GET /certs (and /oauth2/v3/certs) as JWKS; discovery at
/.well-known/openid-configuration. Metadata: /computeMetadata/v1/... token, identity, email, project-id,
with `Metadata-Flavor: Google`.

POST /_settings: {"time_scale": 1.0: back-off, schedule and deadlines pass so much faster,
  "expires_in": seconds an access token lives for (3600),
  "duplicate": probability that a dispatch is sent twice, side by side (0),
  "lose": probability that a created task vanishes (0), "seed": of both}
POST /_rotate {"keep_old": true}: a new signing key.
POST /_sign {"claims": {...}, "header": {...}}: {"token"}, signed by the current key; for tests.
GET /_stats: {"created", "conflicts", "dispatched", "succeeded", "failed", "timed_out", "given_up",
  "lost", "duplicated", "purged", "max_in_flight", "in_flight", "waiting", "by_status", "log": the last
  1000 dispatches [{"task", "attempt", "status"}]}
"""
import argparse
import base64
import datetime
import hashlib
import http.client
import json
import random
import re
import secrets
import threading
import time
import urllib.parse

from fake_http import Response, Service, serve

QUEUE = r"projects/[^/]+/locations/[^/]+/queues/[A-Za-z0-9-]{1,100}"
DEFAULT_RATE = {"maxDispatchesPerSecond": 500.0, "maxConcurrentDispatches": 1000}
DEFAULT_RETRY = {"maxAttempts": 100, "minBackoff": "0.100s", "maxBackoff": "3600s",
                 "maxDoublings": 16, "maxRetryDuration": "0s"}
MAX_TASK = 1_048_569
NAMES_KEPT_S = 24 * 3600


# RSA with nothing but integers: Python has no signatures in its standard library.

def is_prime(n):
    for p in (3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73):
        if n % p == 0:
            return n == p
    d, r = n - 1, 0
    while d % 2 == 0:
        d, r = d // 2, r + 1
    for _ in range(8):
        x = pow(secrets.randbelow(n - 3) + 2, d, n)
        if x in (1, n - 1):
            continue
        for _ in range(r - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


def new_prime(bits, e=65537):
    while True:
        candidate = secrets.randbits(bits) | 1 | 3 << (bits - 2)
        if candidate % e != 1 and is_prime(candidate):
            return candidate


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Key:
    """2048 bits, RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 section 8.2)."""

    def __init__(self):
        p, q = new_prime(1024), new_prime(1024)
        self.n, self.e = p * q, 65537
        self.p, self.q = p, q
        d = pow(self.e, -1, (p - 1) * (q - 1))
        self.dp, self.dq, self.qinv = d % (p - 1), d % (q - 1), pow(q, -1, p)
        self.kid = secrets.token_hex(20)

    def sign(self, data):
        info = bytes.fromhex("3031300d060960864801650304020105000420") + hashlib.sha256(data).digest()
        m = int.from_bytes(b"\0\1" + b"\xff" * (256 - 3 - len(info)) + b"\0" + info, "big")
        a, b = pow(m, self.dp, self.p), pow(m, self.dq, self.q)
        return (b + (self.qinv * (a - b) % self.p) * self.q).to_bytes(256, "big")

    def jwk(self):
        return {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": self.kid,
                "n": base64url(self.n.to_bytes(256, "big")), "e": "AQAB"}

    def token(self, claims, header=None):
        head = dict({"alg": "RS256", "kid": self.kid, "typ": "JWT"}, **(header or {}))
        text = ".".join(base64url(json.dumps(part).encode()) for part in (head, claims))
        return text + "." + base64url(self.sign(text.encode()))


class Failure(Exception):
    def __init__(self, status, message, name):
        super().__init__(message)
        self.status, self.message, self.name = status, message, name


def invalid(message):
    return Failure(400, message, "INVALID_ARGUMENT")


def seconds(text):
    if not re.fullmatch(r"\d+(\.\d+)?s", text):
        raise invalid(f"not a duration: {text}")
    return float(text[:-1])


def parse_time(text):
    try:
        return datetime.datetime.fromisoformat(re.sub(r"(\.\d{1,6})\d*Z$", r"\1+00:00",
                                                      text.replace("Z", "+00:00")
                                                      if "." not in text else text)).timestamp()
    except ValueError:
        raise invalid(f"not a time: {text}")


def format_time(value):
    return datetime.datetime.fromtimestamp(value, datetime.timezone.utc).strftime(
        "%Y-%m-%dT%H:%M:%S.%fZ")


class Task:
    def __init__(self, name, http_request, deadline, due, eta):
        self.name, self.request, self.deadline = name, http_request, deadline
        self.due = due  # monotonic seconds, for the next attempt
        self.eta = eta  # seconds since 1970
        self.created = time.time()
        self.attempts = 0     # X-CloudTasks-TaskRetryCount: those before this one
        self.executions = 0   # answered, and not with 5xx
        self.previous = None  # the last answer's status
        self.first_attempt = None
        self.in_flight = 0

    def resource(self):
        return {"name": self.name, "httpRequest": {k: v for k, v in self.request.items() if k != "body"},
                "scheduleTime": format_time(self.eta), "createTime": format_time(self.created),
                "dispatchDeadline": f"{self.deadline:g}s", "dispatchCount": self.attempts,
                "responseCount": self.executions, "view": "BASIC"}


class Queue:
    def __init__(self, name):
        self.name = name
        self.rate, self.retry = dict(DEFAULT_RATE), dict(DEFAULT_RETRY)
        self.is_paused = False
        self.tasks = {}  # full name -> Task
        self.names = {}  # full name -> when it was created: nobody else may have it for a day
        self.in_flight = 0
        self.tokens, self.filled = 1.0, time.monotonic()

    def take_token(self, now):
        rate = self.rate["maxDispatchesPerSecond"]
        self.tokens = min(max(1.0, rate), self.tokens + (now - self.filled) * rate)
        self.filled = now
        if self.tokens < 1:
            return (1 - self.tokens) / rate
        self.tokens -= 1
        return 0

    def resource(self):
        return {"name": self.name, "rateLimits": self.rate, "retryConfig": self.retry,
                "state": "PAUSED" if self.is_paused else "RUNNING"}

    def backoff(self, failures):
        """Seconds before the attempt after so many failures."""
        low, high = seconds(self.retry["minBackoff"]), seconds(self.retry["maxBackoff"])
        doublings = self.retry["maxDoublings"]
        step = low * 2 ** min(failures - 1, doublings)
        return min(high, step * (1 + max(0, failures - 1 - doublings)))

    def is_spent(self, task, now):
        attempts, duration = self.retry["maxAttempts"], seconds(self.retry["maxRetryDuration"])
        if attempts < 0:
            return False
        return task.attempts >= attempts and (duration == 0 or now - task.first_attempt >= duration)


class Tasks(Service):
    def __init__(self, options):
        self.settings = {"time_scale": 1.0, "expires_in": 3600, "duplicate": 0, "lose": 0, "seed": 1}
        self.options = options
        self.lock = threading.RLock()
        self.changed_something = threading.Condition(self.lock)
        self.queues = {name: Queue(name) for name in options.queue}
        self.keys = []  # the last one signs; made when first needed, which takes a second
        self.random = random.Random(1)
        self.tokens_given = 0
        self.counts = dict.fromkeys(("created", "conflicts", "dispatched", "succeeded", "failed",
                                     "timed_out", "given_up", "lost", "duplicated", "purged",
                                     "max_in_flight"), 0)
        self.by_status, self.log = {}, []
        threading.Thread(target=self.dispatch_forever, daemon=True).start()

    def changed(self, settings):
        with self.lock:
            self.settings.update(settings)
            if "seed" in settings:
                self.random = random.Random(settings["seed"])

    # What a request is.

    def describe(self, request):
        path = urllib.parse.unquote(request.path)
        match = re.fullmatch(rf"/v2(?:beta3)?/({QUEUE})(?:/tasks(?:/([^/:]+))?)?(?::(\w+))?", path)
        if match:
            queue, task, verb = match.groups()
            if task:
                return {"GET": "get_task", "DELETE": "delete_task"}.get(request.method, verb or "?"), task
            if path.endswith("/tasks"):
                return ("create_task" if request.method == "POST" else "list_tasks"), queue
            if verb:
                return verb, queue
            return {"GET": "get_queue", "PATCH": "update_queue", "DELETE": "delete_queue"}.get(
                request.method, "?"), queue
        if re.fullmatch(r"/v2/projects/[^/]+/locations/[^/]+/queues", path):
            return "create_queue", path
        if path in ("/certs", "/oauth2/v3/certs"):
            return "certs", ""
        if path == "/_rotate" or path == "/_sign":
            return path.replace("/_", ""), ""
        if path == "/.well-known/openid-configuration":
            return "discovery", ""
        if path.startswith("/computeMetadata/v1/"):
            return {"token": "token", "identity": "identity"}.get(path.rpartition("/")[2], "metadata"), path
        return "?", path

    def handle(self, request):
        op, _ = self.describe(request)
        try:
            with self.lock:
                return Response(200, getattr(self, op.replace("?", "unknown"), self.unknown)(request))
        except Failure as failure:
            return self.error(failure.status, failure.message, failure.name)
        except (ValueError, KeyError, TypeError) as problem:
            return self.error(400, f"bad request: {problem!r}", "INVALID_ARGUMENT")

    def error(self, status, message, name="UNAVAILABLE"):
        return Response(status, {"error": {"code": status, "message": message, "status": name}})

    def unknown(self, request):
        raise Failure(404, f"not in this stand-in: {request.method} {request.path}", "NOT_FOUND")

    def queue_of(self, request):
        name = re.search(QUEUE, urllib.parse.unquote(request.path)).group()
        if name not in self.queues:
            raise Failure(404, "Queue does not exist. If you just created the queue, wait at least a "
                          "minute for the queue to initialize.", "NOT_FOUND")
        return self.queues[name]

    # Queues.

    def create_queue(self, request):
        body = request.json()
        name = body["name"]
        if not re.fullmatch(QUEUE, name):
            raise invalid(f"not a queue's name: {name}")
        if name in self.queues:
            raise Failure(409, "Queue already exists", "ALREADY_EXISTS")
        self.queues[name] = Queue(name)
        self.configure(self.queues[name], body)
        return self.queues[name].resource()

    def configure(self, queue, body):
        rate = dict(queue.rate, **body.get("rateLimits", {}))
        retry = dict(queue.retry, **body.get("retryConfig", {}))
        if not 0 < rate["maxDispatchesPerSecond"] <= 500:
            raise invalid("maxDispatchesPerSecond must be between 0 and 500")
        if not 0 < rate["maxConcurrentDispatches"] <= 5000:
            raise invalid("maxConcurrentDispatches must be between 1 and 5000")
        if seconds(retry["minBackoff"]) > seconds(retry["maxBackoff"]):
            raise invalid("minBackoff must not be larger than maxBackoff")
        queue.rate, queue.retry = rate, retry
        self.changed_something.notify_all()

    def get_queue(self, request):
        return self.queue_of(request).resource()

    def update_queue(self, request):
        queue = self.queue_of(request)
        self.configure(queue, request.json())
        return queue.resource()

    def delete_queue(self, request):
        del self.queues[self.queue_of(request).name]
        return {}

    def purge(self, request):
        queue = self.queue_of(request)
        self.counts["purged"] += len(queue.tasks)
        queue.tasks.clear()
        return queue.resource()

    def pause(self, request):
        queue = self.queue_of(request)
        queue.is_paused = True
        return queue.resource()

    def resume(self, request):
        queue = self.queue_of(request)
        queue.is_paused = False
        self.changed_something.notify_all()
        return queue.resource()

    # Tasks.

    def create_task(self, request):
        queue = self.queue_of(request)
        if len(request.body) > MAX_TASK:
            raise invalid("Task size too large")
        body = request.json()["task"]
        task = self.parse_task(queue, body)
        taken = queue.names.get(task.name)
        if task.name in queue.tasks or (taken is not None and time.time() - taken < NAMES_KEPT_S):
            self.counts["conflicts"] += 1
            raise Failure(409, "Requested entity already exists", "ALREADY_EXISTS")
        queue.names[task.name] = time.time()
        self.counts["created"] += 1
        if self.random.random() < self.settings["lose"]:
            self.counts["lost"] += 1
        else:
            queue.tasks[task.name] = task
            self.changed_something.notify_all()
        return task.resource()

    def parse_task(self, queue, body):
        http_request = dict(body["httpRequest"])
        url = http_request["url"]
        if not re.match(r"https?://", url) or len(url) > 2083:
            raise invalid('HttpRequest.url must start with "http://" or "https://".')
        base64.b64decode(http_request.get("body", ""), validate=True)
        account = http_request.get("oidcToken", {}).get("serviceAccountEmail")
        if account and self.options.account and account not in self.options.account:
            raise Failure(404, "Requested entity was not found.", "NOT_FOUND")
        name = body.get("name") or f"{queue.name}/tasks/{secrets.randbits(60)}"
        if not re.fullmatch(re.escape(queue.name) + r"/tasks/[A-Za-z0-9_-]{1,500}", name):
            raise invalid(f"not a task's name: {name}")
        deadline = seconds(body.get("dispatchDeadline", "600s"))
        if not 15 <= deadline <= 1800:
            raise invalid("Task.dispatchDeadline must be between [15s, 30m]")
        now = time.time()
        eta = max(now, parse_time(body["scheduleTime"])) if body.get("scheduleTime") else now
        if eta - now > 30 * 24 * 3600:
            raise invalid("Task.scheduleTime must be less than 720h in the future")
        due = time.monotonic() + (eta - now) / self.settings["time_scale"]
        return Task(name, http_request, deadline, due, eta)

    def task_of(self, request):
        queue = self.queue_of(request)
        name = urllib.parse.unquote(request.path).split("/", 2)[2]
        if name not in queue.tasks:
            existed = name in queue.names
            raise Failure(404, "The task no longer exists, though a task with this name existed recently."
                          if existed else "Requested entity was not found.", "NOT_FOUND")
        return queue, queue.tasks[name]

    def get_task(self, request):
        return self.task_of(request)[1].resource()

    def delete_task(self, request):
        queue, task = self.task_of(request)
        del queue.tasks[task.name]
        return {}

    def list_tasks(self, request):
        tasks = self.queue_of(request).tasks
        return {"tasks": [tasks[name].resource() for name in sorted(tasks)]} if tasks else {}

    # Dispatching.

    def dispatch_forever(self):
        with self.lock:
            while True:
                wait = min([60.0] + [self.dispatch_some(queue) for queue in list(self.queues.values())])
                self.changed_something.wait(max(0.001, wait))

    def dispatch_some(self, queue):
        """Sends what may be sent; seconds until there may be more."""
        while not queue.is_paused and queue.in_flight < queue.rate["maxConcurrentDispatches"]:
            now = time.monotonic()
            task = min((t for t in queue.tasks.values() if not t.in_flight), key=lambda t: t.due,
                       default=None)
            if task is None:
                return 60.0
            if task.due > now:
                return task.due - now
            wait = queue.take_token(now)
            if wait:
                return wait
            twice = self.random.random() < self.settings["duplicate"]
            self.counts["duplicated"] += twice
            for _ in range(2 if twice else 1):
                self.begin_attempt(queue, task, now)
        return 60.0

    def begin_attempt(self, queue, task, now):
        task.first_attempt = task.first_attempt or now
        headers = self.headers(queue, task)
        task.in_flight += 1
        queue.in_flight += 1
        self.counts["dispatched"] += 1
        self.counts["max_in_flight"] = max(self.counts["max_in_flight"],
                                           sum(q.in_flight for q in self.queues.values()))
        threading.Thread(target=self.attempt, args=(queue, task, headers, task.attempts),
                         daemon=True).start()

    def headers(self, queue, task):
        headers = dict(task.request.get("headers", {}))
        for name in list(headers):
            if re.match(r"X-(CloudTasks|Google|AppEngine)-", name, re.I):
                del headers[name]
        headers.update({"User-Agent": "Google-Cloud-Tasks",
                        "X-CloudTasks-QueueName": queue.name.rpartition("/")[2],
                        "X-CloudTasks-TaskName": task.name.rpartition("/")[2],
                        "X-CloudTasks-TaskRetryCount": str(task.attempts),
                        "X-CloudTasks-TaskExecutionCount": str(task.executions),
                        "X-CloudTasks-TaskETA": f"{task.eta:.6f}"})
        if task.previous is not None:
            headers["X-CloudTasks-TaskPreviousResponse"] = str(task.previous)
            headers["X-CloudTasks-TaskRetryReason"] = ""
        oidc = task.request.get("oidcToken")
        if oidc:
            email = oidc["serviceAccountEmail"]
            token = self.identity_token(email, oidc.get("audience") or task.request["url"])
            headers["Authorization"] = "Bearer " + token
        return headers

    def attempt(self, queue, task, headers, number):
        begin = time.monotonic()
        status = self.send(task, headers)
        with self.lock:
            task.in_flight -= 1
            queue.in_flight -= 1
            self.by_status[str(status)] = self.by_status.get(str(status), 0) + 1
            self.log = self.log[-999:] + [{"task": task.name.rpartition("/")[2], "attempt": number,
                                           "status": status,
                                           "seconds": round(time.monotonic() - begin, 3)}]
            self.finish_attempt(queue, task, status)
            self.changed_something.notify_all()

    def finish_attempt(self, queue, task, status):
        task.attempts += 1
        if status and status < 500 and status != 504:
            task.executions += 1
        task.previous = status or 503
        if 200 <= status < 300:
            self.counts["succeeded"] += 1
            queue.tasks.pop(task.name, None)
            return
        self.counts["timed_out" if status == 504 else "failed"] += 1
        if task.name not in queue.tasks or queue.tasks[task.name] is not task:
            return  # done by its twin, deleted or purged meanwhile
        now = time.monotonic()
        if queue.is_spent(task, now):
            self.counts["given_up"] += 1
            del queue.tasks[task.name]
            return
        task.due = now + queue.backoff(task.attempts) / self.settings["time_scale"]

    def send(self, task, headers):
        """The status; 504 after the deadline, 0 when there was no answer."""
        parts = urllib.parse.urlsplit(task.request["url"])
        factory = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        limit = task.deadline / self.settings["time_scale"]
        begin = time.monotonic()
        connection = factory(parts.hostname, parts.port, timeout=limit)
        try:
            method = {1: "POST", 2: "GET"}.get(task.request.get("httpMethod"),
                                               task.request.get("httpMethod") or "POST")
            target = (parts.path or "/") + ("?" + parts.query if parts.query else "")
            connection.request(method, target, base64.b64decode(task.request.get("body", "")), headers)
            answer = connection.getresponse()
            answer.read(1 << 20)
            return answer.status
        except (OSError, http.client.HTTPException):
            return 504 if time.monotonic() - begin >= limit * 0.99 else 0
        finally:
            connection.close()

    # Tokens.

    def issuer(self):
        return self.options.issuer or "https://accounts.google.com"

    def identity_token(self, email, audience):
        now = int(time.time())
        return self.key().token({"iss": self.issuer(), "aud": audience, "azp": email, "sub": "1" * 21,
                                    "email": email, "email_verified": True, "iat": now,
                                    "exp": now + 3600})

    def key(self):
        with self.lock:
            if not self.keys:
                self.keys.append(Key())
            return self.keys[-1]

    def certs(self, _):
        self.key()
        return {"keys": [key.jwk() for key in self.keys]}

    def discovery(self, _):
        return {"issuer": self.issuer(), "jwks_uri": self.url + "/certs",
                "id_token_signing_alg_values_supported": ["RS256"]}

    def rotate(self, request):
        self.key()
        self.keys = (self.keys if request.json().get("keep_old", True) else []) + [Key()]
        return self.certs(request)

    def sign(self, request):
        body = request.json()
        return {"token": self.key().token(body["claims"], body.get("header"))}

    def check_flavor(self, request):
        if request.headers.get("Metadata-Flavor") != "Google":
            raise Failure(403, "Missing Metadata-Flavor:Google header.", "PERMISSION_DENIED")

    def token(self, request):
        self.check_flavor(request)
        self.tokens_given += 1
        return {"access_token": f"ya29.fake-{self.tokens_given}", "token_type": "Bearer",
                "expires_in": self.settings["expires_in"]}

    def stats(self):
        with self.lock:
            return dict(self.counts, by_status=self.by_status, log=self.log,
                        tokens_given=self.tokens_given,
                        in_flight=sum(q.in_flight for q in self.queues.values()),
                        waiting=sum(len(q.tasks) for q in self.queues.values()))


class TasksAndMetadata(Tasks):
    """Besides JSON, the metadata server answers plain text."""

    def handle(self, request):
        op, path = self.describe(request)
        if op in ("certs",):
            response = super().handle(request)
            response.headers["Cache-Control"] = "public, max-age=19800, must-revalidate"
            return response
        if op not in ("identity", "metadata"):
            return super().handle(request)
        if request.headers.get("Metadata-Flavor") != "Google":
            return self.error(403, "Missing Metadata-Flavor:Google header.")
        if op == "identity":
            token = self.identity_token(self.options.default_account, request.query["audience"])
            return Response(200, token.encode(), {"Metadata-Flavor": "Google"}, "text/html")
        values = {"/computeMetadata/v1/project/project-id": "demo",
                  "/computeMetadata/v1/instance/service-accounts/default/email":
                      self.options.default_account}
        if path not in values:
            return Response(404, b"not found", content_type="text/html")
        return Response(200, values[path].encode(), {"Metadata-Flavor": "Google"}, "application/text")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--queue", action="append", default=[])
    parser.add_argument("--account", action="append", default=[])
    parser.add_argument("--default-account", default="worker@demo.iam.gserviceaccount.com")
    parser.add_argument("--issuer")
    parsed = parser.parse_args()
    serve(TasksAndMetadata(parsed), parsed.port, parsed.host)
