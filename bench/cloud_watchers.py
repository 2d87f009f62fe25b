#!/usr/bin/env python3
"""What it costs a web instance of the cloud that jobs are watched.

  bench/cloud_watchers.py PROGRAM [--sessions 200] [--seconds 20]

Jobs whose pages are under a worker's lease that does not move, an event stream on each, over the
stand-in for Cloud Storage. Prints the instance's CPU time and the bucket's reads per watched session
and second, and what 1,000 would take of one CPU.
"""
import argparse
import json
import os
import sys
import time
import urllib.parse
import urllib.request

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "..", "tests"))

parser = argparse.ArgumentParser()
parser.add_argument("program")
parser.add_argument("--sessions", type=int, default=200)
parser.add_argument("--seconds", type=float, default=20)
args = parser.parse_args()
os.environ["GNOSIS_PROGRAM"] = os.path.abspath(args.program)
os.environ["GNOSIS_SOURCE"] = os.path.dirname(here)
from cloud_world import QUEUE, CloudWorld, record_of  # noqa: E402
from support import make_pdf  # noqa: E402


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def lease_first_pages(world, job_id):
    """As a worker's claim would leave the record."""
    name = record_of(job_id)
    record = json.loads(world.read(name))
    for page in list(record["pages"].values())[:10]:
        page.update(status="processing", started_at="2026-01-01T00:00:00Z", attempts=1,
                    owner="bench/1", lease_expires_at="2099-01-01T00:00:00Z")
    record["state"] = "processing"
    quoted = urllib.parse.quote(name, safe="")
    url = (f"http://{world.storage.host}/upload/storage/v1/b/test-bucket/o"
           f"?uploadType=media&name={quoted}")
    request = urllib.request.Request(url, data=json.dumps(record).encode(), method="POST",
                                     headers={"Content-Type": "application/json"})
    urllib.request.urlopen(request).close()


def reads(world):
    return world.storage.call("GET", "/_stats")["class_b"]


world = CloudWorld(webs=1)
try:
    world.tasks.call("POST", f"/v2/{QUEUE}:pause", {})
    web = world.webs[0]
    document = make_pdf(100)
    streams = []
    for _ in range(args.sessions):
        job_id = web.submit(document)
        lease_first_pages(world, job_id)
        streams.append(urllib.request.urlopen(f"{web.url}/api/v1/jobs/{job_id}/events"))
    time.sleep(3)
    cpu, count, begin = cpu_seconds(web.process.pid), reads(world), time.monotonic()
    time.sleep(args.seconds)
    took = time.monotonic() - begin
    watched = args.sessions * took
    cpu_ms = 1000 * (cpu_seconds(web.process.pid) - cpu) / watched
    print(f"{args.sessions} watched sessions: {cpu_ms:.2f} ms of CPU and "
          f"{(reads(world) - count) / watched:.2f} reads a session and second; "
          f"1,000 would take {cpu_ms:.2f} of one CPU")
finally:
    world.close()
