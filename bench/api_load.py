#!/usr/bin/env python3
"""The HTTP API under load, with the real programs, on loopback.

  bench/api_load.py PROGRAM load [--seconds 20] [--rounds 3] [--polls 500] [--streams 500]
  bench/api_load.py PROGRAM life [--jobs 5000] [--at-once 8]

load: documents are read all the time; quiet spells alternate with spells of --polls status polls a
  second and --streams open event streams. Prints errors, p50 and p99 of a poll (counted from when it
  was due, so that a stalled server is not flattered), and how much reading was slowed, as a ratio of
  pages per second with and without load in this very run. The client's own CPU time is printed,
  too: where there are few cores it takes some from the reading.
life: many small jobs, each submitted, waited for, read and deleted. Prints at intervals what must
  stay flat: resident size of the server and of its children, open files, children, temporary files.
Exits with 1 when there was an error or something grew.
"""
import argparse
import asyncio
import concurrent.futures
import os
import resource
import sys
import tempfile
import threading
import time

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "..", "tests"))


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("mode", choices=("load", "life"))
    parser.add_argument("--seconds", type=float, default=20, help="of one spell")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--polls", type=int, default=500, help="a second")
    parser.add_argument("--poll-connections", type=int, default=25)
    parser.add_argument("--streams", type=int, default=500)
    parser.add_argument("--documents", type=int, default=50, help="being read under load")
    parser.add_argument("--pages", type=int, default=60, help="of each")
    parser.add_argument("--jobs", type=int, default=5000)
    parser.add_argument("--at-once", type=int, default=8, help="jobs of a life")
    return parser.parse_args()


args = arguments()
os.environ["GNOSIS_PROGRAM"] = os.path.abspath(args.program)
os.environ["GNOSIS_SOURCE"] = os.path.dirname(here)
from support import (  # noqa: E402
    Server, children_of, make_pdf, page_children_of, resident_mb, resident_mb_of_all)


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] if values else 0.0


def pages_read(server):
    for line in server.request("GET", "/metrics")[2].decode().splitlines():
        if line.startswith("gnosis_pages_processed_total "):
            return float(line.split()[1])
    raise AssertionError("no gnosis_pages_processed_total in /metrics")


class Supply(threading.Thread):
    """Keeps --documents unfinished documents with the server, so that reading never pauses."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server, self.ending = server, threading.Event()
        self.document = make_pdf(args.pages)
        self.jobs = [self.submit() for _ in range(args.documents)]

    def submit(self):
        return self.server.submit(self.document, "?mode=force&dpi=150")

    def run(self):
        while not self.ending.wait(0.2):
            for place, job in enumerate(self.jobs):
                _, status = self.server.json("GET", f"/api/v1/jobs/{job}")
                if status["status"] not in ("queued", "processing"):
                    self.jobs[place] = self.submit()
                    self.server.request("DELETE", f"/api/v1/jobs/{job}")


class Load:
    """Polls and event streams of one spell; one thread, one event loop."""

    def __init__(self, host, port, supply):
        self.host, self.port, self.supply = host, port, supply
        self.latencies_ms, self.errors, self.events = [], [], 0

    def job(self, number):
        return self.supply.jobs[number % len(self.supply.jobs)]

    async def connect(self):
        return await asyncio.open_connection(self.host, self.port, limit=1 << 24)

    def request(self, path):
        return f"GET {path} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\n\r\n".encode()

    async def answer(self, reader):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        size = head.partition("content-length: ")[2].partition("\r\n")[0]
        await reader.readexactly(int(size or 0))
        return int(head.split()[1])

    async def poll(self, number, begin, end):
        reader, writer = await self.connect()
        due = begin + number / args.polls
        while due < end:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            writer.write(self.request(f"/api/v1/jobs/{self.job(number)}"))
            status = await asyncio.wait_for(self.answer(reader), 30)
            self.latencies_ms.append((time.monotonic() - due) * 1000)
            if status not in (200, 404):  # a job may be deleted between the list and the poll
                self.errors.append(f"poll: {status}")
            due += args.poll_connections / args.polls
        writer.close()

    async def listen(self, number, end):
        while time.monotonic() < end:
            reader, writer = await self.connect()
            writer.write(self.request(f"/api/v1/jobs/{self.job(number)}/events"))
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)
            status = int(head.split()[1])
            if status not in (200, 404):
                self.errors.append(f"stream: {status}")
            while status == 200:
                try:
                    data = await asyncio.wait_for(reader.read(1 << 16), end - time.monotonic())
                except (asyncio.TimeoutError, ValueError):
                    break
                self.events += data.count(b"event: ")
                if not data or data.endswith(b"0\r\n\r\n"):
                    break
            writer.close()
            await asyncio.sleep(2)  # as the server's "retry:" tells an EventSource

    async def run(self, seconds):
        begin = time.monotonic() + 1  # the streams open first
        end = begin + seconds
        work = [self.listen(number, end) for number in range(args.streams)]
        work += [self.poll(number, begin, end) for number in range(args.poll_connections)]
        for failed in await asyncio.gather(*work, return_exceptions=True):
            if failed is not None:
                self.errors.append(repr(failed))


def cpu_seconds(pid):
    """Of a process itself, without its children."""
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def spell(server, seconds, load=None):
    """(pages a second, CPU seconds of the server, of this client) of a spell."""
    before, server_before = pages_read(server), cpu_seconds(server.process.pid)
    begin, usage = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF)
    if load is None:
        time.sleep(seconds)
    else:
        asyncio.run(load.run(seconds))
    after, now = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
    cpu = after.ru_utime + after.ru_stime - usage.ru_utime - usage.ru_stime
    server_cpu = cpu_seconds(server.process.pid) - server_before
    return (pages_read(server) - before) / (now - begin), server_cpu, cpu


def run_load(server):
    host, port = server.url.removeprefix("http://").split(":")
    supply = Supply(server)
    supply.start()
    spell(server, min(5.0, args.seconds))  # warm
    quiet, loaded, latencies, errors = [], [], [], []
    for number in range(args.rounds):
        pages, quiet_cpu, _ = spell(server, args.seconds)
        quiet.append(pages)
        load = Load(host, int(port), supply)
        pages, server_cpu, client_cpu = spell(server, args.seconds, load)
        loaded.append(pages)
        latencies += load.latencies_ms
        errors += load.errors
        print(f"round {number + 1}: {quiet[-1]:.1f} pages/s quiet, {pages:.1f} under load; "
              f"{len(load.latencies_ms)} polls, {load.events} events; CPU seconds: server {quiet_cpu:.1f} "
              f"quiet, {server_cpu:.1f} under load, this client {client_cpu:.1f}; server "
              f"{resident_mb(server.process.pid):.0f} MB", flush=True)
    quiet.append(spell(server, args.seconds)[0])
    supply.ending.set()
    supply.join()
    slowed = 1 - (sum(loaded) / len(loaded)) / (sum(quiet) / len(quiet))
    print(f"polls: {len(latencies)}, p50 {percentile(latencies, 0.5):.1f} ms, p99 "
          f"{percentile(latencies, 0.99):.1f} ms; reading slowed by {slowed * 100:.0f} %; "
          f"{len(errors)} errors {sorted(set(errors))[:5]}")
    return not errors


def temporary_files(data):
    return sum(name.startswith(".tmp-") for _, _, names in os.walk(data) for name in names)


class Vitals:
    """What must stay flat, at intervals."""

    NAMES = ("server_mb", "children_mb", "open_files", "children", "temporary_files")

    def __init__(self, server):
        self.server, self.samples = server, []

    def take(self, jobs):
        pid = self.server.process.pid
        children = children_of(pid) + page_children_of(self.server)  # the template, and what it forked
        sample = (resident_mb(pid), sum(resident_mb_of_all(children)),
                  len(os.listdir(f"/proc/{pid}/fd")), len(children),
                  temporary_files(self.server.data_dir))
        self.samples.append(sample)
        print(f"{jobs} jobs: " + ", ".join(f"{name} {value:.0f}" for name, value
                                           in zip(self.NAMES, sample)), flush=True)

    def growth(self):
        """Names of what is larger in the last third than in the second by more than noise."""
        third = max(1, len(self.samples) // 3)
        grown = []
        for index, name in enumerate(self.NAMES):
            middle = max(sample[index] for sample in self.samples[third:2 * third] or self.samples)
            last = min(sample[index] for sample in self.samples[-third:])
            if last > middle * 1.1 + 2:
                grown.append(f"{name} {middle:.0f} -> {last:.0f}")
        return grown


def run_life(server):
    documents = [make_pdf(pages) for pages in (1, 1, 2, 3)]
    vitals, errors = Vitals(server), []

    def live(number):
        job = server.submit(documents[number % len(documents)], "?mode=force&dpi=100")
        done = server.wait(job)
        status, _, text = server.request("GET", f"/api/v1/jobs/{job}/result?format=txt")
        if done["status"] != "completed" or status != 200 or b"Page 1" not in text:
            errors.append((done["status"], status))
        server.request("DELETE", f"/api/v1/jobs/{job}")

    step = max(1, args.jobs // 30)
    with concurrent.futures.ThreadPoolExecutor(args.at_once) as pool:
        for first in range(0, args.jobs, step):
            list(pool.map(live, range(first, min(args.jobs, first + step))))
            vitals.take(min(args.jobs, first + step))
    grown = vitals.growth()
    print(f"{args.jobs} jobs, {len(errors)} errors {errors[:5]}; "
          + ("flat" if not grown else "grown: " + ", ".join(grown)))
    return not errors and not grown


def main():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory() as data:
        server = Server(data).start()
        try:
            good = run_load(server) if args.mode == "load" else run_life(server)
        finally:
            server.stop()
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
