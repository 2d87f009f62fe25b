#!/usr/bin/env python3
"""What clients that stop in the middle hold of the server, with the real programs, on loopback.

  bench/slow_readers.py PROGRAM [--readers 600] [--pages 5000] [--words 20000] [--jobs 200] [--kinds a,b]

For each kind of answer a fresh server, over the same data, and so many connections that ask for it and
then read nothing; then those that stop within a request. Prints by how much the server's resident size grew, how many of the connections the
server gave up (MAX_UNSENT_BYTES), what the kernel holds for them, and the time of a question that
another client asks meanwhile. Exits with 1 when one kind costs more than --most MB.
"""
import argparse
import os
import resource
import sys
import tempfile
import time

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "..", "tests"))


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--readers", type=int, default=600)
    parser.add_argument("--pages", type=int, default=5000)
    parser.add_argument("--words", type=int, default=20_000, help="of a large page")
    parser.add_argument("--jobs", type=int, default=200)
    parser.add_argument("--kinds", default="", help="these only, joined by commas")
    parser.add_argument("--most", type=float, default=200, help="MB")
    return parser.parse_args()


args = arguments()
os.environ["GNOSIS_PROGRAM"] = os.path.abspath(args.program)
os.environ["GNOSIS_SOURCE"] = os.path.dirname(here)
from slow_readers import HALF_SENT, Clients, Readers, World, kernel_mb, settled_mb, warm  # noqa: E402
from support import Server  # noqa: E402


def measure(data, kind, world):
    server = Server(data, MAX_REQUESTS_PER_SECOND="100000").start()
    try:
        path = world.kinds(server).get(kind, "/livez")
        if kind != "events":
            warm(server, path)
        before, kernel_before = settled_mb(server), kernel_mb()
        with (Clients(server, args.readers, HALF_SENT[kind]) if kind in HALF_SENT
              else Readers(server, path, args.readers)) as readers:
            grown = settled_mb(server) - before
            begin = time.monotonic()
            server.request("GET", "/livez")
            took_ms = (time.monotonic() - begin) * 1000
            print(f"{kind:14}  {world.sizes.get(kind, 0) / 1e3:8.0f} KB each  {grown:7.1f} MB grown  "
                  f"{readers.given_up():4} given up  {kernel_mb() - kernel_before:6.0f} MB in the kernel  "
                  f"{took_ms:4.0f} ms for another", flush=True)
        return grown
    finally:
        server.kill()


def main():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory() as data:
        world = World(data, args.pages, args.words, args.jobs)
        wanted = args.kinds.split(",") if args.kinds else [*world.sizes, "events", *HALF_SENT]
        grown = [measure(data, kind, world) for kind in wanted]
    sys.exit(0 if max(grown) < args.most else 1)


if __name__ == "__main__":
    main()
