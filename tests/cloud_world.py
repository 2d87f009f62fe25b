"""Two web instances and a worker with emulators of Cloud Storage and Cloud Tasks, on loopback."""
import hashlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

from support import Server

HERE = os.path.dirname(os.path.abspath(__file__))
QUEUE = "projects/test/locations/us-central1/queues/ocr-processing"
ACCOUNT = "queue@test.iam.gserviceaccount.com"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def record_of(job_id, email="local@localhost"):
    """The key of a session's processing.json."""
    user_hash = hashlib.sha256(email.encode()).hexdigest()[:32]
    return f"users/{user_hash}/{job_id}/processing.json"


class Fake:
    """A program of tests/fakes."""

    def __init__(self, name, *arguments):
        self.process = subprocess.Popen(
            [sys.executable, "-B", os.path.join(HERE, "fakes", name), *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.port = int(self.process.stdout.readline())
        self.host = f"127.0.0.1:{self.port}"

    def call(self, method, path, value=None):
        body = None if value is None else json.dumps(value).encode()
        request = urllib.request.Request(f"http://{self.host}{path}", data=body, method=method,
                                         headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
            return json.loads(text) if text else None

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class CloudWorld:
    def __init__(self, webs=2, concurrency=1, **settings):
        self.folder = tempfile.TemporaryDirectory(prefix="gnosis-cloud-")
        self.storage = Fake("storage_server.py", "--bucket", "test-bucket")
        self.tasks = Fake("tasks_server.py", "--queue", QUEUE)
        self.tasks.call("PATCH", f"/v2/{QUEUE}",
                        {"rateLimits": {"maxConcurrentDispatches": concurrency},
                         "retryConfig": {"minBackoff": "0.1s", "maxBackoff": "1s",
                                         "maxAttempts": -1}})
        self.worker_port = free_port()
        self.settings = dict({
            "RUNNING_IN_CLOUD": "true", "HOST": "127.0.0.1", "GCS_BUCKET_NAME": "test-bucket",
            "GOOGLE_CLOUD_PROJECT": "test", "GCP_SERVICE_ACCOUNT": ACCOUNT,
            "WORKER_URL": f"http://127.0.0.1:{self.worker_port}",
            "STORAGE_EMULATOR_HOST": self.storage.host,
            "CLOUD_TASKS_EMULATOR_HOST": self.tasks.host,
            "GOOGLE_KEYS_URL": f"http://{self.tasks.host}/certs",
            "PAGE_TIMEOUT": "20s", "DISPATCH_DEADLINE": "90s"}, **settings)
        self.worker = self.start("worker", IS_WORKER="true", PORT=str(self.worker_port))
        self.webs = [self.start(f"web{i}", PORT="0") for i in range(webs)]

    def start(self, name, **settings):
        folder = os.path.join(self.folder.name, name)
        os.makedirs(folder, exist_ok=True)
        return Server(folder, **dict(self.settings, **settings)).start()

    def restart_worker(self):
        """kill -9, and a new instance at the same address."""
        self.worker.kill()
        self.worker = self.start("worker", IS_WORKER="true", PORT=str(self.worker_port))

    def token(self):
        """The token that the queue would send."""
        now = int(time.time())
        claims = {"iss": "https://accounts.google.com", "aud": self.settings["WORKER_URL"],
                  "email": ACCOUNT, "email_verified": True, "iat": now, "exp": now + 3600}
        return self.tasks.call("POST", "/_sign", {"claims": claims})["token"]

    def recover(self):
        return self.worker.json("POST", "/internal/recover", b"",
                                {"Authorization": "Bearer " + self.token()})

    def read(self, name):
        """An object's bytes; None if it does not exist."""
        path = f"/storage/v1/b/test-bucket/o/{urllib.parse.quote(name, safe='')}?alt=media"
        try:
            with urllib.request.urlopen(f"http://{self.storage.host}{path}", timeout=30) as answer:
                return answer.read()
        except urllib.error.HTTPError:
            return None

    def close(self):
        for server in [*self.webs, self.worker]:
            server.kill()
        self.storage.stop()
        self.tasks.stop()
        self.folder.cleanup()
