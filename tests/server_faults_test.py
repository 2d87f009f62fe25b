"""A fault at the k-th file system call, for every k, of every request to the real server and of its start:
it dies there (kill -9), or the call fails (ENOSPC, EIO, EACCES). Afterwards repeating the request, or a
restart, succeeds or is refused with a reason; and in no case do files remain that belong to nothing,
especially not a password.

GNOSIS_ALL_FAULTS=1 tries every k for the errors, too; GNOSIS_FAULT_SCENARIOS=cancel,delete runs only these
scenarios; GNOSIS_FAULT_THREADS is the number of servers at a time."""
import base64
import errno
import hashlib
import http.client
import json
import mmap
import os
import shutil
import struct
import sys
import tempfile
import time
import traceback
import urllib.error
import uuid
from concurrent.futures import ThreadPoolExecutor

from support import Server, make_pdf

FAULTS = os.environ.get("GNOSIS_FAULTS")  # .../libfault_at_call.so
ALL = "GNOSIS_ALL_FAULTS" in os.environ
KILL = 0
ERRORS = (errno.ENOSPC, errno.EIO, errno.EACCES)
PART = "application/offset+octet-stream"
UPLOADS = "/api/v1/uploads"
QUERY = "?mode=force&dpi=72&formats=txt"
FINAL = ("completed", "completed_with_errors", "failed", "cancelled")
REFUSED = (500, 503, 507)
DOCUMENT = make_pdf(1, width=100, height=60)
GONE = (ConnectionError, http.client.HTTPException, urllib.error.URLError)


class World:
    """A data folder, and the servers that are started on it with the fault library loaded."""

    def __init__(self, **settings):
        self.folder = tempfile.TemporaryDirectory()
        self.data = os.path.join(self.folder.name, "data")
        os.mkdir(self.data)
        path = os.path.join(self.folder.name, "orders")
        with open(path, "wb") as file:
            file.write(struct.pack("iiii", -1, 0, 0, 0))
        with open(path, "r+b") as file:
            self.orders = mmap.mmap(file.fileno(), 16)
        self.server = Server(self.data, LD_PRELOAD=FAULTS, GNOSIS_FAULT_ORDERS=path, OCR_WORKERS="1",
                             DISK_FLOOR="0", MEMORY_FLOOR="0", MAX_REQUESTS_PER_SECOND="100000",
                             **settings)

    def close(self):
        if self.is_running():
            self.server.kill()
        self.folder.cleanup()

    def arm(self, call, fault):
        self.orders[:] = struct.pack("iiii", call, fault, 0, 0)

    def disarm(self):
        """Whether the fault was triggered."""
        self.orders[0:4] = struct.pack("i", -1)
        return struct.unpack("i", self.orders[12:16])[0] > 0

    def hits(self):
        return struct.unpack("i", self.orders[12:16])[0]

    def is_running(self):
        return self.server.process is not None and self.server.process.poll() is None

    def start(self):
        """False: it refused to, or was killed."""
        try:
            self.server.start()
            return True
        except AssertionError:
            self.server.process.wait()
            self.server.log.close()
            return False

    def restart(self):
        if self.is_running():
            self.server.kill()
        elif self.server.process is not None:
            self.server.process.wait()
            self.server.log.close()
        self.server.start()

    def ask(self, method, path, body=None, **headers):
        """(status, headers, body); None if the server died."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            status, answer, body = self.server.request(method, path, body, headers)
        except GONE:
            self.server.process.wait(timeout=60)
            return None
        if status >= 400:
            assert self.data.encode() not in body, f"a caller is told a path: {body}"
            assert json.loads(body)["detail"], body
        return status, answer, body

    def files(self):
        return [os.path.relpath(os.path.join(folder, name), self.data)
                for folder, _, names in os.walk(self.data) for name in names if name != "server.log"]

    def untidy(self):
        """Files that belong to nothing, or should be gone by now; "" if there are none."""
        files = set(self.files())
        for name in files:
            parts = name.split("/")
            if parts[0] in ("unfinished", "deleted") or parts[-1] == "secret.json":
                return name
            if parts[0] == "users" and f"users/{parts[1]}/{parts[2]}/metadata.json" not in files:
                return name + " of no job"
            if parts[0] == "submissions":
                with open(os.path.join(self.data, name), encoding="utf-8") as file:
                    session = json.load(file)["session_id"]
                if f"users/{parts[1]}/{session}/metadata.json" not in files:
                    return name + " names a job that is gone"
            if parts[0] == "uploads" and parts[-1] == "data":
                with open(os.path.join(self.data, os.path.dirname(name), "upload.json"),
                          encoding="utf-8") as file:
                    if json.load(file).get("job_id"):
                        return name + " of an upload that is a job"
        return ""

    def comes_to_rest(self, seconds):
        deadline = time.monotonic() + seconds
        while True:
            try:
                self.what = self.untidy()
            except FileNotFoundError:  # it disappeared meanwhile
                self.what = "changing"
            if not self.what or time.monotonic() > deadline:
                return not self.what
            time.sleep(0.01)

    def expect_rest(self):
        """Immediately, or else after a restart: the sweeper runs too rarely for a test."""
        if self.comes_to_rest(3 if self.everything_is_final() else 10):
            return
        self.restarts += 1
        self.restart()
        assert self.comes_to_rest(60), f"left after a restart: {self.what}"
        # Partially written files are removed at start-up; a resumed job writes new ones.
        assert not [name for name in self.files() if "/.tmp-" in name], self.files()

    restarts = 0

    def jobs(self):
        status, _, body = self.ask("GET", "/api/v1/jobs?limit=100")
        assert status == 200, body
        return json.loads(body)["jobs"]

    def everything_is_final(self):
        return all(job["status"] in FINAL for job in self.jobs())

    def empty(self):
        """Deletes everything: then only records of uploads remain."""
        for job in self.jobs():
            status, _, body = self.ask("DELETE", f"/api/v1/jobs/{job['job_id']}")
            assert status == 204, (status, body)
        for name in self.files():
            parts = name.split("/")
            if parts[0] == "uploads" and parts[-1] == "upload.json":
                self.ask("DELETE", f"{UPLOADS}/{parts[2]}", Tus_Resumable="1.0.0")

        def left():
            return [name for name in self.files()
                    if not name.startswith(("uploads/", "expired/")) and "/.tmp-" not in name]
        # A worker that is processing a page notices when it is done.
        assert until(lambda: not left(), 30), f"left after everything was deleted: {left()}"

    def wait(self, job_id):
        # Even without another restart.
        done = self.server.wait(job_id, seconds=60)
        assert done["status"] == "completed", done

    def submit(self, document=DOCUMENT, key=None):
        status, _, body = self.ask("POST", "/api/v1/jobs" + QUERY, document,
                                   Content_Type="application/pdf",
                                   Idempotency_Key=key or str(uuid.uuid4()))
        assert status == 202, body
        return json.loads(body)["job_id"]


def job_of(answer):
    return json.loads(answer[2])["job_id"]


# Requests to a server: `prepare` without a fault, `request` with one, `again` without, repeating the
# request. The result of `prepare` is passed on; `answer` is None if the server died.
class Scenario:
    calls = 10  # minimum number that can fail
    settings = {}

    def prepare(self, world):
        return str(uuid.uuid4())

    def again(self, world, state, answer):
        repeated = self.request(world, state)
        assert repeated[0] in (200, 202), repeated  # 200: already finished
        if answer and answer[0] == 202:
            assert job_of(repeated) == job_of(answer), "one key, two jobs"
        world.wait(job_of(repeated))


class RawBody(Scenario):
    calls = 30

    def request(self, world, state):
        return world.ask("POST", "/api/v1/jobs" + QUERY, DOCUMENT, Content_Type="application/pdf",
                         Idempotency_Key=state)


class Multipart(Scenario):
    """With a password."""
    calls = 36

    def request(self, world, state):
        fields = {"mode": "force", "dpi": "72", "formats": "txt", "password": "open sesame"}
        form = b"".join(b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
                        % (name.encode(), value.encode()) for name, value in fields.items())
        form += (b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n%s\r\n--x--\r\n'
                 % DOCUMENT)
        return world.ask("POST", "/api/v1/jobs", form, Idempotency_Key=state,
                         Content_Type="multipart/form-data; boundary=x")


class WithoutKey(Scenario):
    calls = 24

    def request(self, world, state):
        return world.ask("POST", "/api/v1/jobs" + QUERY, DOCUMENT, Content_Type="application/pdf")

    def again(self, world, state, answer):
        if answer and answer[0] == 202:
            world.wait(job_of(answer))


class TusCreate(Scenario):
    calls = 6

    def request(self, world, state):
        return world.ask("POST", UPLOADS, Tus_Resumable="1.0.0", Upload_Length=str(len(DOCUMENT)))

    def again(self, world, state, answer):
        """A client without a response starts over."""
        location = (answer if answer and answer[0] == 201 else self.request(world, state))[1]["Location"]
        assert world.ask("HEAD", location, Tus_Resumable="1.0.0")[0] == 200


class TusPatch(Scenario):
    """The second part, with a checksum."""
    calls = 6
    first = 100

    def prepare(self, world):
        answer = world.ask("POST", UPLOADS, DOCUMENT[:self.first], Tus_Resumable="1.0.0",
                           Upload_Length=str(len(DOCUMENT)), Content_Type=PART)
        assert answer[0] == 201, answer
        return answer[1]["Location"]

    def patch(self, world, state, offset):
        piece = DOCUMENT[offset:]
        digest = base64.b64encode(hashlib.sha1(piece).digest()).decode()
        return world.ask("PATCH", state, piece, Tus_Resumable="1.0.0", Content_Type=PART,
                         Upload_Offset=str(offset), Upload_Checksum="sha1 " + digest)

    def request(self, world, state):
        return self.patch(world, state, self.first)

    def again(self, world, state, answer):
        head = world.ask("HEAD", state, Tus_Resumable="1.0.0")
        assert head[0] == 200, head
        offset = int(head[1]["Upload-Offset"])
        assert offset in (self.first, len(DOCUMENT)), offset
        if answer and answer[0] == 204:
            assert offset == len(DOCUMENT), "bytes that were acknowledged are gone"
        if offset < len(DOCUMENT):
            answer = self.patch(world, state, offset)
            assert answer[0] == 204, answer
        answer = TusJob().request(world, state)
        assert answer[0] == 202, answer
        world.wait(job_of(answer))


class TusJob(Scenario):
    calls = 36

    def prepare(self, world):
        answer = world.ask("POST", UPLOADS, DOCUMENT, Tus_Resumable="1.0.0",
                           Upload_Length=str(len(DOCUMENT)), Content_Type=PART)
        assert answer[0] == 201, answer
        return answer[1]["Location"]

    def request(self, world, state):
        body = {"upload_id": state.rsplit("/", 1)[1], "mode": "force", "dpi": 72, "formats": "txt"}
        return world.ask("POST", "/api/v1/jobs", json.dumps(body).encode(),
                         Content_Type="application/json")


class Retry(Scenario):
    """Of a finished page, with a password."""
    calls = 15

    def prepare(self, world):
        job = world.submit()
        world.wait(job)
        assert world.comes_to_rest(10), world.what
        return job

    def request(self, world, state):
        return world.ask("POST", f"/api/v1/jobs/{state}/retry", b'{"pages": [1], "password": "open sesame"}',
                         Content_Type="application/json")

    def again(self, world, state, answer):
        world.wait(state)
        repeated = self.request(world, state)
        assert repeated[0] in (202, 409), repeated
        world.wait(state)


class Cancel(Scenario):
    calls = 8
    document = make_pdf(60)

    def prepare(self, world):
        return world.submit(self.document)

    def request(self, world, state):
        return world.ask("POST", f"/api/v1/jobs/{state}/cancel")

    def again(self, world, state, answer):
        repeated = self.request(world, state)
        assert repeated[0] in (200, 202, 409), repeated
        assert world.server.wait(state, seconds=60)["status"] == "cancelled"


class Delete(Scenario):
    """Of a finished job."""
    calls = 12

    def prepare(self, world):
        job = world.submit()
        world.wait(job)
        assert world.comes_to_rest(10), world.what
        return job

    def request(self, world, state):
        return world.ask("DELETE", f"/api/v1/jobs/{state}")

    def again(self, world, state, answer):
        if answer and answer[0] == 204:
            assert world.ask("GET", f"/api/v1/jobs/{state}")[0] == 404
        repeated = self.request(world, state)
        assert repeated[0] in (204, 404), repeated
        assert world.ask("GET", f"/api/v1/jobs/{state}")[0] == 404


class DeleteAtWork(Delete):
    """Of a job that is being processed."""

    def prepare(self, world):
        return world.submit(Cancel.document)


REQUESTS = {"raw": RawBody, "multipart": Multipart, "without_key": WithoutKey, "tus_create": TusCreate,
            "tus_patch": TusPatch, "tus_job": TusJob, "retry": Retry, "cancel": Cancel, "delete": Delete,
            "delete_at_work": DeleteAtWork}


def at_every_call_of_a_request(scenario, fault, every):
    """(calls, restarts needed until nothing remained to do)"""
    world = World(**scenario.settings)
    try:
        world.server.start()
        call = 0
        while True:
            state = scenario.prepare(world)
            world.arm(call, fault)
            answer = scenario.request(world, state)
            struck = world.disarm()
            where = f"fault {fault} at call {call}, answer {answer and (answer[0], answer[2])}"
            try:
                if answer is not None and answer[0] >= 400:
                    assert answer[0] in REFUSED and struck, answer
                if struck and fault == KILL:
                    world.server.process.wait(timeout=60)
                if not world.is_running():
                    assert struck and fault == KILL, "it died of itself"
                    world.restart()
                scenario.again(world, state, answer)
                world.expect_rest()
                world.empty()
            except BaseException as error:
                raise AssertionError(f"{where}: {error!r}\n{traceback.format_exc()}") from error
            if not struck:
                return call, world.restarts
            call += every
    finally:
        world.close()


# The state at a start: `furnish` creates a data folder once; every start gets a copy of it.
class Retention(Scenario):
    """Expired jobs."""
    calls = 20
    patience_s = 60
    settings = {"SESSION_TTL": "1s"}

    def furnish(self, world):
        world.server.start()
        for _ in range(2):
            world.wait(world.submit())
        assert world.comes_to_rest(10), world.what
        world.server.kill()
        time.sleep(1.1)

    def is_done(self, world):
        return not [name for name in world.files() if not name.startswith("expired/")]


class StartUp(Scenario):
    """Unfinished jobs, and everything that a crash can leave incomplete."""
    calls = 40
    patience_s = 0.3  # processing pages is covered by other tests, so little time is given to it

    def furnish(self, world):
        world.server.start()
        jobs = [world.submit(make_pdf(pages)) for pages in (3, 1)]
        world.server.kill()
        # One whose record was not written yet, so much is certain however fast it was read.
        folder = world.server.session_folder(jobs[1])
        for name in os.listdir(folder):
            if name not in ("metadata.json", "original.pdf"):
                os.remove(os.path.join(folder, name))
        user = os.path.basename(os.path.dirname(folder))
        with open(os.path.join(folder, "metadata.json"), encoding="utf-8") as file:
            assert json.load(file)["session_id"] == jobs[1]
        ids = [f"00000000-0000-4000-8000-00000000000{n}" for n in range(5)]
        marker = json.dumps({"user_email": "me@example.org"})
        self.put(world, f"unfinished/{user}/{jobs[1]}", marker)
        # Interrupted uploads: with and without a marker, with a password.
        self.put(world, f"unfinished/{user}/{ids[0]}", marker)
        self.put(world, f"users/{user}/{ids[0]}/original.pdf", "half")
        self.put(world, f"users/{user}/{ids[0]}/secret.json", '{"password": "open sesame"}')
        self.put(world, f"users/{user}/{ids[1]}/original.pdf", "half")
        # Unfinished deletions.
        self.put(world, f"deleted/{user}/{ids[2]}", "{}")
        self.put(world, f"users/{user}/{ids[2]}/page_001.png", "gone")
        self.put(world, f"deleted/{user}/{ids[3]}", "{}")
        # Unfinished writes and creations.
        for place in (f"users/{user}/{jobs[0]}", f"unfinished/{user}", "uploads/" + user):
            self.put(world, place + "/.tmp-0123456789abcdef", "half")
        os.makedirs(os.path.join(world.data, "uploads", user, ids[4]))

    @staticmethod
    def put(world, name, text):
        path = os.path.join(world.data, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def is_done(self, world):
        if world.untidy() or [name for name in world.files() if "/.tmp-" in name]:
            return False
        uploads = os.path.join(world.data, "uploads")
        if any(os.listdir(os.path.join(uploads, user)) for user in os.listdir(uploads)):
            return False
        jobs = world.jobs()
        return len(jobs) == 2 and all(job["status"] == "completed" for job in jobs)


STARTS = {"retention": Retention, "start_up": StartUp}


def until(condition, seconds):
    deadline = time.monotonic() + seconds
    while True:
        try:
            if condition():
                return True
        except FileNotFoundError:  # it disappeared meanwhile
            pass
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)


def at_every_call_of_a_start(scenario, fault, every):
    world = World(**scenario.settings)
    try:
        scenario.furnish(world)
        furnished = os.path.join(world.folder.name, "furnished")
        shutil.copytree(world.data, furnished)
        call = 0
        while True:
            shutil.rmtree(world.data)
            shutil.copytree(furnished, world.data)
            world.arm(call, fault)
            listens = world.start()
            patience = 60 if ALL else scenario.patience_s
            done = listens and until(lambda: world.hits() or scenario.is_done(world), patience)
            struck = world.disarm()
            try:
                assert listens or struck, "it did not start"
                assert done or struck or patience < 60, f"the start did not come to its end: {world.files()}"
                if struck:
                    world.restart()
                assert until(lambda: scenario.is_done(world), 60), f"left: {world.files()}"
                world.empty()
            except BaseException as error:
                raise AssertionError(f"fault {fault} at call {call} of a start: {error!r}\n"
                                     f"{traceback.format_exc()}") from error
            world.server.kill()
            if not struck:
                return call, world.restarts
            call += every
    finally:
        world.close()


def run(task):
    name, fault, every = task
    scenario = (REQUESTS.get(name) or STARTS[name])()
    at_every_call = at_every_call_of_a_request if name in REQUESTS else at_every_call_of_a_start
    begin = time.monotonic()
    calls, restarts = at_every_call(scenario, fault, every)
    print(f"{name}, {errno.errorcode.get(fault, 'kill')}: {calls} calls, every {every}. of them, "
          f"{restarts} needed a restart, {time.monotonic() - begin:.1f} s", flush=True)
    assert calls >= scenario.calls, f"{name}: only {calls} calls to fail"


def main():
    if not FAULTS:
        print("skipped: GNOSIS_FAULTS names no library")
        return 0
    names = os.environ.get("GNOSIS_FAULT_SCENARIOS", ",".join([*REQUESTS, *STARTS])).split(",")
    tasks = [(name, KILL, 1) for name in names]
    tasks += [(name, fault, 1 if ALL else 6) for fault in ERRORS for name in names]
    failures = 0
    with ThreadPoolExecutor(max_workers=int(os.environ.get("GNOSIS_FAULT_THREADS", "4"))) as pool:
        for task, future in [(task, pool.submit(run, task)) for task in tasks]:
            try:
                future.result()
            except BaseException:
                failures += 1
                print(f"FAILED: {task}\n{traceback.format_exc()}", flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
