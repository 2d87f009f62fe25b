"""Random mixes of everything that can go wrong on Google Cloud, with the real programs.

GNOSIS_CLOUD_MIXES=n runs n mixes (6), from the seed GNOSIS_CLOUD_FIRST (1). Each mix
processes a document while storage and queue return 429 and 503, reset connections and lose responses,
tasks are delivered twice or never, the worker is killed, its record is deleted or corrupted, the queue is
purged, deliveries miss their deadline. At the end every page has its result, and the text is the same as
without faults.
"""
import json
import os
import random
import sys
import time
import unittest
import urllib.parse
import urllib.request

from cloud_world import QUEUE, CloudWorld, record_of
from support import make_pdf

PAGES = 24
MIXES = int(os.environ.get("GNOSIS_CLOUD_MIXES", "6"))
FIRST = int(os.environ.get("GNOSIS_CLOUD_FIRST", "1"))  # seed
FINAL = ("completed", "completed_with_errors", "failed", "cancelled")


def storage_rules(chance):
    """Every kind of fault, each with its probability."""
    kinds = [{"kind": "status", "status": 503}, {"kind": "status", "status": 429},
             {"kind": "status", "status": 500}, {"kind": "reset_before"}, {"kind": "reset_after"}]
    return [dict(kind, probability=chance / len(kinds)) for kind in kinds]


class Mix:
    def __init__(self, world, seed):
        self.world = world
        self.random = random.Random(seed)
        self.seed = seed
        self.done = []

    def weather(self):
        """Faults of the services, for the duration of the mix."""
        chance = self.random.choice((0.0, 0.02, 0.05, 0.1))
        self.world.storage.call("POST", "/_faults",
                                {"rules": storage_rules(chance), "seed": self.seed, "replace": True})
        queue_chance = self.random.choice((0.0, 0.1, 0.3))
        rules = [dict(rule, op="create_task") for rule in storage_rules(queue_chance)]
        self.world.tasks.call("POST", "/_faults",
                              {"rules": rules, "seed": self.seed, "replace": True})
        self.world.tasks.call("POST", "/_settings",
                              {"duplicate": self.random.choice((0.0, 0.3)),
                               "lose": self.random.choice((0.0, 0.2)), "seed": self.seed,
                               # A batch takes a second: some are cut off by their deadline of 90.
                               "time_scale": self.random.choice((1.0, 1.0, 120.0))})
        self.done.append(f"storage {chance}, queue {queue_chance}")

    def calm(self):
        for fake in (self.world.storage, self.world.tasks):
            fake.call("DELETE", "/_faults")
        self.world.tasks.call("POST", "/_settings", {"duplicate": 0, "lose": 0, "time_scale": 1.0})

    def strike(self, record):
        """One disruption, at a random moment."""
        blow = self.random.choice((self.kill_worker, self.purge, self.nothing,
                                   lambda: self.delete(record), lambda: self.tear(record)))
        blow()

    def nothing(self):
        pass

    def kill_worker(self):
        self.done.append("worker killed")
        self.world.restart_worker()

    def purge(self):
        self.done.append("queue purged")
        self.world.tasks.call("POST", f"/v2/{QUEUE}:purge", {})

    def delete(self, record):
        self.done.append("record deleted")
        self.object_call("DELETE", record)

    def tear(self, record):
        self.done.append("record torn")
        text = self.world.read(record) or b"{}"
        self.object_call("POST", record, text[:len(text) // 2])

    def object_call(self, method, name, data=None):
        quoted = urllib.parse.quote(name, safe="")
        url = (f"http://{self.world.storage.host}/upload/storage/v1/b/test-bucket/o"
               f"?uploadType=media&name={quoted}" if data is not None else
               f"http://{self.world.storage.host}/storage/v1/b/test-bucket/o/{quoted}")
        request = urllib.request.Request(url, data=data, method=method,
                                         headers={"Content-Type": "application/json"})
        try:
            urllib.request.urlopen(request, timeout=30).close()
        except OSError:
            pass


class CloudFaultsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = CloudWorld(webs=1, concurrency=2, STALLED_AFTER="1s", OCR_BATCH_SIZE="4",
                               OCR_CHAINS="2")
        cls.document = make_pdf(PAGES)
        web = cls.world.webs[0]
        job_id = web.submit(cls.document)
        web.wait(job_id)
        cls.text = web.request("GET", f"/api/v1/jobs/{job_id}/result?format=txt")[2]
        assert cls.text.count(b"\f") == PAGES - 1

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def submit(self, key):
        """Like a persistent client: repeats the request until it is accepted."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            status, _, body = self.world.webs[0].request(
                "POST", "/api/v1/jobs", self.document,
                {"Content-Type": "application/octet-stream", "Idempotency-Key": key})
            if status in (200, 202):
                return json.loads(body)["job_id"]
            self.assertIn(status, (500, 503), body)
        self.fail("the document was not taken")

    def status(self, job_id):
        """None while the storage fails."""
        code, _, body = self.world.webs[0].request("GET", f"/api/v1/jobs/{job_id}")
        return json.loads(body) if code == 200 else None

    def wait(self, job_id, mix):
        deadline = time.monotonic() + 240
        finished_pages = 0
        while time.monotonic() < deadline:
            self.world.recover()
            job = self.status(job_id)
            if job:
                self.assertGreaterEqual(job["pages"]["completed"] + job["pages"]["failed"],
                                        finished_pages, mix.done)
                finished_pages = job["pages"]["completed"] + job["pages"]["failed"]
                if job["status"] in FINAL:
                    return job
            time.sleep(0.3)
        self.fail(f"not final: {mix.done} {self.status(job_id)}")

    def run_mix(self, seed):
        mix = Mix(self.world, seed)
        mix.weather()
        job_id = self.submit(f"mix-{seed}")
        record = record_of(job_id)
        for _ in range(mix.random.randint(0, 3)):
            time.sleep(mix.random.random() * 1.5)
            mix.strike(record)
        mix.calm()
        job = self.wait(job_id, mix)
        self.assertEqual(job["status"], "completed", (mix.done, job))
        self.assertEqual(job["pages"]["completed"], PAGES, mix.done)
        web = self.world.webs[0]
        text = web.request("GET", f"/api/v1/jobs/{job_id}/result?format=txt")[2]
        self.assertEqual(text, self.text, mix.done)
        self.check_results(record.rsplit("/", 1)[0])

    def check_results(self, folder):
        """Every page's result was created once."""
        writes = self.world.storage.call("GET", "/_stats")["writes"]
        results = [count for name, count in writes.items()
                   if name.startswith(f"test-bucket/{folder}/page_") and name.endswith(".json")]
        self.assertEqual(results, [1] * PAGES)

    def test_every_mix_ends_with_every_page_read_once(self):
        for seed in range(FIRST, FIRST + MIXES):
            with self.subTest(seed=seed):
                self.run_mix(seed)
        print(f"{MIXES} mixes, {MIXES * PAGES} pages, none given up", file=sys.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
