#!/usr/bin/env python3
"""What a flood of wrong keys costs who has a right one, with the real programs over a bucket.

  bench/key_flood.py PROGRAM [--latency-ms 30] [--seconds 10] [--rounds 3] [--wrong 32]

The stand-in for Cloud Storage answers every call --latency-ms late. One caller with a right key asks
for `/api/v1/limits`, which itself needs nothing of the bucket, every 20 ms (counted from when it was
due); quiet spells alternate with spells in which another address sends --wrong wrong keys a second
(it is soon locked out, and goes on). Prints p50 and p99 of the right key's calls with and without
the flood, their ratio in this very run, and how often the bucket was asked a second.
"""
import argparse
import http.client
import os
import subprocess
import sys
import threading
import time

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "..", "tests"))


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--latency-ms", type=float, default=30)
    parser.add_argument("--seconds", type=float, default=10, help="of one spell")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--wrong", type=float, default=32, help="keys a second")
    return parser.parse_args()


args = arguments()
os.environ["GNOSIS_PROGRAM"] = os.path.abspath(args.program)
os.environ["GNOSIS_SOURCE"] = os.path.dirname(here)
from cloud_world import CloudWorld  # noqa: E402
from support import PROGRAM  # noqa: E402

EVERY_S = 0.02
FLOOD_CONNECTIONS = 8  # so that one that waits does not make the flood a trickle


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def add_key(world):
    made = subprocess.run([PROGRAM, "keys", "add", "laptop", "--owner", "ada@example.org"],
                          env={**os.environ, **world.settings}, capture_output=True, check=True)
    return made.stdout.decode().strip()


class Caller:
    """One connection from an address of its own."""

    def __init__(self, world, key, address):
        self.connection = http.client.HTTPConnection(world.webs[0].url.split("//")[1], timeout=60,
                                                     source_address=(address, 0))
        self.headers = {"Authorization": "Bearer " + key}

    def ask(self):
        self.connection.request("GET", "/api/v1/limits", headers=self.headers)
        answer = self.connection.getresponse()
        answer.read()
        return answer.status


def flood(world, ending):
    caller, due = Caller(world, "wrong", "127.0.0.2"), time.monotonic()
    while not ending.is_set():
        assert caller.ask() in (401, 429)
        due += FLOOD_CONNECTIONS / args.wrong
        time.sleep(max(0.0, due - time.monotonic()))


def spell(world, key, flooded):
    """Milliseconds of the right key's calls, and requests of the bucket a second."""
    ending = threading.Event()
    floods = [threading.Thread(target=flood, args=(world, ending))
              for _ in range(FLOOD_CONNECTIONS if flooded else 0)]
    for thread in floods:
        thread.start()
    caller, times = Caller(world, key, "127.0.0.1"), []
    before, begin = world.storage.call("GET", "/_stats"), time.monotonic()
    due = begin
    while time.monotonic() - begin < args.seconds:
        assert caller.ask() == 200
        times.append(1000 * (time.monotonic() - due))
        due += EVERY_S
        time.sleep(max(0.0, due - time.monotonic()))
    after = world.storage.call("GET", "/_stats")
    asked = (after["class_a"] + after["class_b"] - before["class_a"] - before["class_b"]) / args.seconds
    ending.set()
    for thread in floods:
        thread.join()
    return times, asked


def main():
    world = CloudWorld(webs=1)
    try:
        key = add_key(world)
        rule = {"kind": "stall", "seconds": args.latency_ms / 1000, "then": ""}
        world.storage.call("POST", "/_faults", {"rules": [rule]})
        time.sleep(2)
        found = {False: ([], []), True: ([], [])}
        for _ in range(args.rounds):
            for flooded in (False, True):
                times, asked = spell(world, key, flooded)
                found[flooded][0].extend(times)
                found[flooded][1].append(asked)
        for flooded in (False, True):
            times, asked = found[flooded]
            print(f"{'flood' if flooded else 'quiet'}: p50 {percentile(times, .5):.1f} ms, "
                  f"p99 {percentile(times, .99):.1f} ms, {len(times)} calls; "
                  f"the bucket was asked {sum(asked) / len(asked):.1f} times a second")
        for share in (.5, .99):
            ratio = percentile(found[True][0], share) / percentile(found[False][0], share)
            print(f"flood / quiet, p{100 * share:g}: {ratio:.2f}")
    finally:
        world.close()


if __name__ == "__main__":
    main()
