"""Races on Google Cloud: clients of two web instances submit, delete, read, retry and cancel with a
handful of Idempotency-Keys, while the worker is killed. The services are emulated. See
race_test.py."""
import os
import sys
import time
from collections import Counter

from cloud_world import QUEUE, CloudWorld
from race_test import LIMITS, World, port_of

DISTURBANCES = 3
EMPTY = ("users/", "unfinished/", "deleted/", "submissions/")


class CloudServers(World):
    """Two web instances and a worker; no keys are required, there is a single owner."""

    owners = ("local@localhost",)
    ways = ("raw", "form")

    def __init__(self):
        super().__init__()
        # An instance caches a job's record for two seconds.
        self.beliefs.lag = 2.5
        self.cloud = CloudWorld(concurrency=3, STALLED_AFTER="5s", **LIMITS)
        self.ports = [port_of(web) for web in self.cloud.webs]
        self.up.set()

    def disturb(self, rng):
        self.cloud.restart_worker()

    def objects(self):
        names = []
        for room in EMPTY:
            told = self.cloud.storage.call("GET", f"/storage/v1/b/test-bucket/o?prefix={room}")
            names += [item["name"] for item in told.get("items", ())]
        return names

    def state_of(self, job_id):
        lines = []
        for name in self.objects():
            if job_id not in name and not name.startswith("submissions/"):
                continue
            is_text = name.endswith(".json") or not name.startswith("users/")
            body = (self.cloud.read(name) or b"").decode() if is_text else ""
            if job_id in name + body:
                lines.append(f"{name} {body}")
        tasks = self.cloud.tasks.call("GET", f"/v2/{QUEUE}/tasks").get("tasks", ())
        lines += [f"queued: {task}" for task in tasks if job_id in task["name"]]
        sent = self.cloud.tasks.call("GET", "/_stats")["log"]
        lines += [f"delivered: {task}" for task in sent if job_id in task["task"]]
        return "\n".join(lines)

    def check_bucket(self):
        """After everything has been deleted, a sweep leaves nothing."""
        deadline = time.monotonic() + 60
        while (left := self.objects()) and time.monotonic() < deadline:
            self.cloud.recover()
            time.sleep(0.2)
        if left:
            self.beliefs.fault(self.beliefs.begin(-1, "", "sweep"), f"left in the bucket: {left}")


def main():
    seed = os.environ.get("GNOSIS_RACE_SEED", "20251128")
    operations = int(os.environ.get("GNOSIS_RACE_OPERATIONS", "300"))
    world = CloudServers()
    begin = time.monotonic()
    try:
        world.run(f"{seed}/cloud", operations, DISTURBANCES)
        for step in (world.settle, world.delete_all, world.check_bucket,
                     world.beliefs.check_order):
            if not world.beliefs.faults:
                step()
    finally:
        world.cloud.close()
    for fault in world.beliefs.faults[:3]:
        print(fault)
    print(f"seed {seed}: {operations} operations, {time.monotonic() - begin:.0f} s")
    for what, count in sorted(Counter(world.answers).items()):
        print(f"  {count:6} {what}")
    return bool(world.beliefs.faults)


if __name__ == "__main__":
    sys.exit(main())
