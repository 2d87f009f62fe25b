"""Races: several clients of two owners submit, delete, read, retry and cancel with a handful of
Idempotency-Keys, while jobs expire and the server is stopped and killed. Every document has unique
text, so that every text returned identifies its document.

GNOSIS_RACE_SEED chooses the operations (their timing depends on the machine),
GNOSIS_RACE_OPERATIONS their number."""
import base64
import http.client
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter

from race_beliefs import NEVER, WORD, Beliefs, decode, rng_of
from support import PROGRAM, Server

OWNERS = ("ada@example.org", "bob@example.org")
KEYS_PER_OWNER = 3
CLIENTS = 6
ROUND_OPERATIONS = 750
RESTARTS_PER_ROUND = 2
FINAL = ("completed", "completed_with_errors", "failed", "cancelled")
OPTIONS = ({}, {}, {}, {"formats": "txt,json,hocr"}, {"dpi": "72"}, {"mode": "force", "dpi": "150"})
LIMITS = {"MAX_REQUESTS_PER_SECOND": "100000", "MAX_JOBS_PER_OWNER": "100000",
          "MAX_QUEUED_PAGES_PER_OWNER": "1000000", "MAX_UPLOADS_PER_OWNER": "10000",
          "MAX_EVENT_STREAMS_PER_OWNER": "1000", "MAX_CONNECTIONS_PER_ADDRESS": "1000",
          "OCR_WORKERS": "2"}
TUS = {"Tus-Resumable": "1.0.0"}
READS = ("", "", "?wait=1", "/pages", "/pages/1", "/pages/1.txt", "/pages/1.json", "/pages/1.hocr",
         "/pages/1.png", "/pages/1.jpg", "/result?format=txt", "/result?format=json",
         "/result?format=hocr", "/result?format=zip", "/result?partial=1",
         "/result?partial=1&format=json")


class Lost(Exception):
    """The connection ended before the response was complete."""


class Client:
    """One thread's connections and its operations on them."""

    def __init__(self, world):
        self.world = world
        self.connection = None
        self.port = None

    def call(self, owner, method, path, body=None, headers=None):
        """(status, headers, bytes); Lost."""
        self.world.up.wait()
        if self.port not in self.world.ports or len(self.world.ports) > 1:
            self.close()
            self.port = random.choice(self.world.ports)
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = dict(headers or {}, **self.world.headers[owner])
        try:
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
            return answer.status, answer.headers, answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            self.port = None
            raise Lost(str(error)) from error

    def close(self):
        if self.connection:
            self.connection.close()

    # One operation, determined only by the seed and its number.

    def run(self, number, rng):
        owner = rng.choice(self.world.owners)
        chance = rng.random()
        try:
            if chance < 0.30:
                return self.submit(number, owner, rng)
            if chance < 0.36:
                return self.list(number, owner)
            job = self.world.pick(owner, rng)
            if job is None:
                return self.submit(number, owner, rng)
            if rng.random() < 0.08 and len(self.world.owners) > 1:
                return self.meddle(number, job, rng)
            if chance < 0.45:
                return self.delete(number, job, rng)
            if chance < 0.51:
                return self.retry(number, job, rng)
            if chance < 0.56:
                return self.cancel(number, job)
            if chance < 0.60:
                return self.events(number, job)
            return self.read(number, job, rng.choice(READS))
        except Lost:
            return None

    def operate(self, operation, method, path, body=None, headers=None):
        """(status, headers, bytes, code of the problem); the operation is ended."""
        beliefs = self.world.beliefs
        stops_before = self.world.stops
        try:
            status, headers, answer = self.call(operation.owner, method, path, body, headers)
        except Lost:
            beliefs.end(operation, 0)
            raise
        code = ""
        if status >= 400:
            problem = decode(answer)
            code = problem.get("code", "") if isinstance(problem, dict) else "?"
        if status == 503 and self.world.stops > stops_before:
            beliefs.end(operation, 0, "stopping")  # equivalent to a closed connection
            raise Lost()
        beliefs.end(operation, status, code)
        self.world.count(operation)
        return status, headers, answer, code

    # Submitting.

    def submit(self, number, owner, rng):
        beliefs, world = self.world.beliefs, self.world
        key = f"key-{rng.randrange(KEYS_PER_OWNER)}" if rng.random() < 0.85 else None
        document, options = world.choose_document(owner, key, rng)
        way = rng.choice(world.ways)
        bad = rng.random()
        if bad < 0.04:
            options = dict(options, pages=rng.choice(("99", "3-1")))
        operation = beliefs.begin(number, owner, f"POST {way}")
        operation.key, operation.document, operation.options = key, document, options
        operation.password = document.password
        if rng.random() < 0.25:
            operation.password = "wrong-" + document.word if rng.random() < 0.6 else ""
        headers = {"Idempotency-Key": key} if key else {}
        fields = dict(options, file_name=document.name)
        if operation.password:
            fields["password"] = operation.password
        if way == "tus":
            return self.submit_upload(operation, headers, fields, rng)
        if way == "form":
            body, content_type = form(fields, document.bytes)
            answer = self.operate(operation, "POST", "/api/v1/jobs", body,
                                  dict(headers, **{"Content-Type": content_type}))
        else:
            query = "&".join(f"{name}={value}" for name, value in fields.items())
            answer = self.operate(operation, "POST", "/api/v1/jobs?" + query, document.bytes,
                                  dict(headers, **{"Content-Type": "application/octet-stream"}))
        return self.judge_submission(operation, answer)

    def submit_upload(self, operation, headers, fields, rng):
        """Uploads in two parts, then submits by the upload's id; perhaps once more."""
        try:
            upload = self.upload(operation, rng)
        except Lost:
            self.world.beliefs.end(operation, 0)
            raise
        body = json.dumps(dict(fields, upload_id=upload)).encode()
        headers = dict(headers, **{"Content-Type": "application/json"})
        answer = self.operate(operation, "POST", "/api/v1/jobs", body, headers)
        self.judge_submission(operation, answer)
        if answer[0] >= 400:
            self.call(operation.owner, "DELETE", f"/api/v1/uploads/{upload}", headers=TUS)
        elif rng.random() < 0.3:
            again = self.world.beliefs.begin(operation.number, operation.owner, "POST tus again")
            again.key, again.document = operation.key, operation.document
            again.options, again.password = operation.options, operation.password
            self.judge_submission(again, self.operate(again, "POST", "/api/v1/jobs", body, headers))

    def upload(self, operation, rng):
        data = operation.document.bytes
        name = base64.b64encode(operation.document.name.encode()).decode()
        status, headers, body = self.call(operation.owner, "POST", "/api/v1/uploads", None, dict(
            TUS, **{"Upload-Length": str(len(data)), "Upload-Metadata": "filename " + name}))
        if status != 201:
            self.world.beliefs.fault(operation, f"an upload is not created: {status} {body!r}")
            raise Lost()
        cut = rng.randrange(len(data))
        for begin, piece in ((0, data[:cut]), (cut, data[cut:])):
            status, _, body = self.call(operation.owner, "PATCH", headers["Location"], piece, dict(
                TUS, **{"Upload-Offset": str(begin),
                        "Content-Type": "application/offset+octet-stream"}))
            if status != 204:
                self.world.beliefs.fault(operation, f"a piece is refused: {status} {body!r}")
                raise Lost()
        return headers["Location"].rsplit("/", 1)[1]

    def judge_submission(self, operation, answer):
        status, headers, body, code = answer
        beliefs, document = self.world.beliefs, operation.document
        replayed = headers.get("Idempotency-Replayed") == "true"
        opens = operation.password == document.password or not document.password
        if status in (200, 202):
            told = decode(body)
            beliefs.submitted(operation, told["job_id"], told["file_name"], replayed)
            if not replayed and not opens:
                beliefs.fault(operation, "taken with a wrong password")
            if operation.options.get("pages"):
                beliefs.fault(operation, "taken with pages that are not there")
            return
        wanted = {"idempotency_key_reused", "not_found", "gone", "conflict"}
        if not opens:
            wanted.add("password_required")
        if "pages" in operation.options:
            wanted |= {"no_pages", "invalid_argument"}
        if code not in wanted:
            beliefs.fault(operation, f"refused, and should not be: {body!r}")

    # Operations on jobs.

    def delete(self, number, job, rng):
        beliefs = self.world.beliefs
        operation = beliefs.begin(number, job.owner, "DELETE", job)
        beliefs.may_remove(job, operation)
        status, _, body, _ = self.operate(operation, "DELETE", f"/api/v1/jobs/{job.id}")
        if status == 204 and job.surely_gone(operation):
            beliefs.fault(operation, "deleted twice")
        if status not in (204, 404, 410):
            beliefs.fault(operation, f"not deleted: {body!r}")
            return
        beliefs.is_gone(job, operation)
        if rng.random() < 0.5:
            for path in ("", "/pages/1.txt", "/result?partial=1", rng.choice(READS)):
                self.read(number, job, path)
            self.list(number, job.owner)

    def retry(self, number, job, rng):
        beliefs = self.world.beliefs
        body, right = {}, job.document.password
        if rng.random() < 0.6:
            body["pages"] = [1]
        recognise = rng.random() < 0.3
        if recognise:
            body["dpi"] = 150
        if right:
            body["password"] = right if rng.random() < 0.7 else "wrong-" + job.document.word
        operation = beliefs.begin(number, job.owner, f"retry {body}", job)
        if recognise:  # in advance, since others read meanwhile
            job.recognised = True
        status, _, answer, code = self.operate(
            operation, "POST", f"/api/v1/jobs/{job.id}/retry", json.dumps(body).encode(),
            {"Content-Type": "application/json"})
        if status == 202 and body.get("password", right) != right:
            beliefs.fault(operation, "a retry is taken with a wrong password")
        self.judge(operation, job, status, answer, code,
                   {"conflict", "no_pages", "password_required", "precondition_failed"})

    def cancel(self, number, job):
        operation = self.world.beliefs.begin(number, job.owner, "cancel", job)
        job.cancelled = True
        status, _, answer, code = self.operate(operation, "POST", f"/api/v1/jobs/{job.id}/cancel")
        self.judge(operation, job, status, answer, code, {"conflict"})

    def meddle(self, number, job, rng):
        """Another owner's job: not found."""
        stranger = OWNERS[1 - OWNERS.index(job.owner)]
        method, path = rng.choice((("DELETE", ""), ("POST", "/cancel"), ("POST", "/retry"),
                                   *(("GET", path) for path in READS), ("GET", "/events")))
        operation = self.world.beliefs.begin(number, stranger, f"{method} {path}")
        status, _, answer, _ = self.operate(operation, method, f"/api/v1/jobs/{job.id}{path}")
        if status != 404:
            operation.job = job.id
            self.world.beliefs.fault(operation, f"a stranger hears {answer[:200]!r}")

    # Reading.

    def judge(self, operation, job, status, body, code, also):
        """Checks that the response is allowed; True if there is content to check."""
        beliefs = self.world.beliefs
        if status in (200, 202):
            if job.surely_gone(operation):
                beliefs.fault(operation, f"the job is gone, and is told of: {body[:300]!r}")
            beliefs.check_texts(operation, job, body)
            return True
        if code == "not_found" and "/pages/" in operation.what and not job.surely_gone(operation):
            return False  # no image of it
        if status in (404, 410):
            beliefs.is_gone(job, operation)
        elif code not in also:
            beliefs.fault(operation, f"not an answer to this: {body[:300]!r}")
        return False

    def read(self, number, job, path):
        beliefs = self.world.beliefs
        operation = beliefs.begin(number, job.owner, f"GET {path}", job)
        status, _, body, code = self.operate(operation, "GET", f"/api/v1/jobs/{job.id}{path}")
        if not self.judge(operation, job, status, body, code,
                          {"page_not_ready", "result_not_ready", "conflict"}):
            return
        pages = range(1, job.document.pages + 1)
        if path in ("", "?wait=1"):
            beliefs.job_seen(job.id, job.owner, decode(body)["file_name"], operation)
        elif path.endswith("1.txt"):
            beliefs.check_pages(operation, job, body, [1])
        elif path.endswith("format=zip"):
            beliefs.check_archive(operation, job, body)
        elif path.endswith(".png"):
            beliefs.check_png(operation, job, body)
        elif path == "/result?format=txt":
            beliefs.check_pages(operation, job, body, pages)
        elif path.startswith("/result?format="):
            beliefs.check_words(operation, job, body)

    def list(self, number, owner):
        operation = self.world.beliefs.begin(number, owner, "list")
        status, _, body, _ = self.operate(operation, "GET", "/api/v1/jobs?limit=200")
        if status != 200:
            self.world.beliefs.fault(operation, f"no list: {body[:200]!r}")
            return []
        told = decode(body)
        self.world.beliefs.check_list(operation, told["jobs"], told["next_cursor"] is None)
        return told["jobs"]

    def events(self, number, job):
        """The first few events, or all if the job ends soon."""
        operation = self.world.beliefs.begin(number, job.owner, "GET /events", job)
        self.world.up.wait()
        connection = http.client.HTTPConnection("127.0.0.1", self.world.ports[0], timeout=1)
        body = b""
        try:
            connection.request("GET", f"/api/v1/jobs/{job.id}/events",
                               headers=self.world.headers[job.owner])
            answer = connection.getresponse()
            code = ""
            try:
                while len(body) < 4000 and (piece := answer.read1(4000)):
                    body += piece
            except OSError:
                pass
            if answer.status >= 400:
                code = (decode(body) or {}).get("code", "?")
            self.world.beliefs.end(operation, answer.status, code)
            self.judge(operation, job, answer.status, body, code, set())
        except (OSError, http.client.HTTPException):
            self.world.beliefs.end(operation, 0)
        finally:
            connection.close()


def form(fields, document):
    mark = "b-o-u-n-d-a-r-y"
    parts = [f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
             for name, value in fields.items()]
    head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="x.pdf"\r\n\r\n'
    body = "".join(parts).encode() + head.encode() + document + f"\r\n--{mark}--\r\n".encode()
    return body, f"multipart/form-data; boundary={mark}"


class World:
    """One or more servers, and the beliefs about them."""

    owners = OWNERS
    ways = ("raw", "raw", "form", "form", "tus")

    def __init__(self, session_ttl=None):
        self.beliefs = Beliefs(session_ttl)
        self.headers = {owner: {} for owner in self.owners}
        self.ports = []
        self.stops = 0  # how often a server was stopped or killed
        self.up = threading.Event()
        self.lock = threading.Lock()
        self.current = {}  # (owner, key) -> last document and options sent
        self.answers = Counter()

    def disturb(self, rng):
        """Called occasionally while the clients are working."""

    def state_of(self, job_id):
        """What is stored about a job, for investigating a failure."""
        return f"(nothing is known of {job_id})"

    def count(self, operation):
        with self.lock:
            self.answers[f"{operation.what.split()[0]} {operation.status} {operation.code}"] += 1

    def choose_document(self, owner, key, rng):
        chance = rng.random()
        options = rng.choice(OPTIONS)
        with self.lock:
            last = self.current.get((owner, key)) if key else None
            if last and chance < 0.6:
                return last
            if last and chance < 0.75:
                return last[0], options
            chosen = self.beliefs.new_document(rng), options
            if key:
                self.current[owner, key] = chosen
            return chosen

    def pick(self, owner, rng):
        """One of the latest jobs, preferably an existing one."""
        where, gone_too = rng.random(), rng.random() < 0.06
        with self.beliefs.lock:
            jobs = [job for job in list(self.beliefs.jobs.values())[-60:]
                    if job.owner == owner and (gone_too or job.gone == NEVER)]
        return jobs[int(where * where * len(jobs)) - len(jobs)] if jobs else None

    def run(self, seed, operations, disturbances):
        """`operations`, by several clients at once."""
        numbers = iter(range(operations))
        broken = []

        def work():
            client = Client(self)
            try:
                while not self.beliefs.faults:
                    with self.lock:
                        number = next(numbers, None)
                        self.number = number
                    if number is None:
                        return
                    client.run(number, rng_of(seed, number))
            except Exception as error:  # pylint: disable=broad-except
                broken.append(error)
                raise
            finally:
                client.close()

        self.number = 0
        threads = [threading.Thread(target=work, daemon=True) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for count in range(1, disturbances + 1):
            at = operations * count // (disturbances + 1)
            while self.number is not None and self.number < at and not self.beliefs.faults:
                time.sleep(0.01)
            self.disturb(rng_of(seed, "disturb", count))
        for thread in threads:
            thread.join(timeout=180)
            assert not thread.is_alive(), "a client hangs"
        if broken:
            raise broken[0]

    # After all clients have finished.

    def settle(self):
        """Every existing job finishes, and matches what was sent."""
        client = Client(self)
        deadline = time.monotonic() + 180
        while unfinished := [told for owner in self.owners for told in client.list(-1, owner)
                             if told["status"] not in FINAL]:
            if time.monotonic() > deadline:
                ids = [told["job_id"] for told in unfinished]
                self.beliefs.fault(self.beliefs.begin(-1, "", "settle"), "\n".join(
                    [f"a job never ends: {unfinished}", *map(self.state_of, ids)]), *ids)
                return
            time.sleep(0.1)
        time.sleep(self.beliefs.lag)  # until every process reports the final state
        for job in list(self.beliefs.jobs.values()):
            if job.seen < NEVER and job.doomed == NEVER:
                self.check_job(client, job)
        client.close()

    def check_job(self, client, job):
        operation = self.beliefs.begin(-1, job.owner, "look", job)
        status, _, body, _ = client.operate(operation, "GET", f"/api/v1/jobs/{job.id}")
        told = decode(body)
        wanted = ("completed", "cancelled") if job.cancelled else ("completed",)
        if status != 200 or told["status"] not in wanted:
            self.beliefs.fault(operation, f"accepted, but not finished: {body!r}")
        if status == 200 and told["status"] == "completed":
            for form_of in ("txt", "json", "hocr", "zip"):
                client.read(-1, job, f"/result?format={form_of}")
            client.read(-1, job, "/pages/1.png")

    def let_expire(self):
        """With a short SESSION_TTL: waits until everything has expired, even jobs finished late."""
        if self.beliefs.session_ttl:
            time.sleep(self.beliefs.session_ttl + 0.5)

    def delete_all(self):
        client = Client(self)
        for owner in self.owners:
            for told in client.list(-1, owner):
                client.delete(-1, self.beliefs.jobs[told["job_id"]], rng_of("end", told["job_id"]))
        client.close()


class OneServer(World):
    """A server on a data folder, with an API key for each owner."""

    def __init__(self, folder, session_ttl):
        super().__init__(session_ttl)
        self.folder = folder
        self.headers = {o: {"Authorization": "Bearer " + self.make_key(o)} for o in self.owners}
        ttl = {"SESSION_TTL": f"{session_ttl}s"} if session_ttl else {}
        self.server = Server(folder, **LIMITS, **ttl)

    def make_key(self, owner):
        made = subprocess.run([PROGRAM, "keys", "add", owner.split("@")[0], "--owner", owner],
                              env=dict(os.environ, GNOSIS_DATA_DIR=self.folder), timeout=60,
                              capture_output=True, check=True)
        return made.stdout.decode().strip()

    def start(self):
        self.server.start()
        self.ports = [port_of(self.server)]
        self.up.set()

    def stop(self, kill):
        self.up.clear()
        self.stops += 1
        if kill:
            self.server.kill()
            return
        code, _ = self.server.stop()
        assert code == 0, f"the server ended with {code}"

    def disturb(self, rng):
        self.stop(kill=rng.random() < 0.6)
        self.start()

    def jobs_there(self):
        client = Client(self)
        there = {told["job_id"] for owner in self.owners for told in client.list(-1, owner)}
        client.close()
        return there

    def check_disk(self):
        """Only files of existing jobs remain; the sweep after a start may take a moment."""
        there = self.jobs_there()
        deadline = time.monotonic() + 20
        while (left := self.remains(there)) and time.monotonic() < deadline:
            time.sleep(0.1)
        if left:
            ids = [part for path in left for part in path.split("/") if part in self.beliefs.jobs]
            self.beliefs.fault(self.beliefs.begin(-1, "", "sweep"),
                               f"left on the disk, with {len(there)} jobs: {left[:20]}", *ids[:1])

    def remains(self, there):
        secrets = [b"opens-", b"wrong-"]
        words = {document.word.encode() for document in self.beliefs.documents.values()}
        words -= {self.beliefs.jobs[job].document.word.encode() for job in there}
        left = []
        for folder, _, names in os.walk(self.folder):
            for name in names:
                path = os.path.relpath(os.path.join(folder, name), self.folder)
                try:
                    with open(os.path.join(folder, name), "rb") as file:
                        data = file.read()
                except FileNotFoundError:
                    continue
                if (not self.may_be(path, data, there) or any(s in data for s in secrets)
                        or (not path.startswith("uploads/")
                            and not words.isdisjoint(WORD.findall(data)))):
                    left.append(path)
        return left

    @staticmethod
    def may_be(path, data, there):
        room, *rest = path.split("/")
        if room == "users":
            return rest[1] in there
        if room == "submissions":
            return (decode(data) or {}).get("session_id") in there
        return room not in ("unfinished", "deleted")


def port_of(server):
    return int(server.url.rsplit(":", 1)[1])


def run_round(seed, operations, ttl):
    with tempfile.TemporaryDirectory(prefix="gnosis-races-") as folder:
        world = OneServer(folder, ttl)
        world.start()
        try:
            world.run(seed, operations, RESTARTS_PER_ROUND)
            for step in (world.settle, world.let_expire, lambda: world.stop(kill=True), world.start,
                         world.check_disk, world.delete_all, lambda: world.stop(kill=False),
                         world.start, world.check_disk, world.beliefs.check_order):
                if not world.beliefs.faults:
                    step()
        finally:
            world.server.kill()
        return world


def main():
    seed = os.environ.get("GNOSIS_RACE_SEED", "20251128")
    operations = int(os.environ.get("GNOSIS_RACE_OPERATIONS", "2250"))
    answers, done, rounds = Counter(), 0, 0
    begin = time.monotonic()
    while done < operations:
        ttl = 3 if rounds % 3 == 2 else None
        world = run_round(f"{seed}/{rounds}", min(ROUND_OPERATIONS, operations - done), ttl)
        done += min(ROUND_OPERATIONS, operations - done)
        rounds += 1
        answers += world.answers
        for fault in world.beliefs.faults[:3]:
            print(fault)
        if world.beliefs.faults:
            print(f"seed {seed}, round {rounds - 1}: {len(world.beliefs.faults)} faults")
            return 1
        print(f"{done} operations, {time.monotonic() - begin:.0f} s", flush=True)
    print(f"seed {seed}: {done} operations in {rounds} rounds, {time.monotonic() - begin:.0f} s")
    for what, count in sorted(answers.items()):
        print(f"  {count:6} {what}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
