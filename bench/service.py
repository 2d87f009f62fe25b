#!/usr/bin/env python3
"""Memory and responsiveness of the service, with the real programs.

  bench/service.py PROGRAM [--pages 2000] [--upload-mb 500] [--scan FILE]

- first page: a 500-page document; seconds from the end of the upload until page 1's text is there
- reading: server and child resident size while a document of --pages small pages is read
- upload: server resident size while --upload-mb of bytes stream in
- scan: child resident size on --scan, a 300-dpi A4 scan (bench/make_scan.sh makes one)
"""
import argparse
import http.client
import os
import sys
import tempfile
import threading
import time

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "..", "tests"))


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--upload-mb", type=int, default=500)
    parser.add_argument("--scan")
    return parser.parse_args()


args = arguments()
os.environ["GNOSIS_PROGRAM"] = os.path.abspath(args.program)
os.environ["GNOSIS_SOURCE"] = os.path.dirname(here)
from support import (  # noqa: E402
    Server, make_pdf, page_children_of, resident_mb, resident_mb_of_all)


class Watcher:
    """Peak and late resident sizes of the server and of its largest page child."""

    def __init__(self, watched):
        self.watched, self.server, self.child, self.samples = watched, 0.0, 0.0, []
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        while not self.ending.wait(0.1):
            server = resident_mb(self.watched.process.pid)
            child = max(resident_mb_of_all(page_children_of(self.watched)), default=0.0)
            self.server, self.child = max(self.server, server), max(self.child, child)
            self.samples.append((server, child))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.thread.join()

    def halves(self, which):
        half = len(self.samples) // 2
        mean = lambda part: sum(s[which] for s in part) / max(1, len(part))
        return mean(self.samples[half // 2:half]), mean(self.samples[half + half // 2:])


def first_page(server):
    document = make_pdf(500)
    begin = time.monotonic()
    job = server.submit(document, "?mode=force")
    accepted = time.monotonic()
    while server.request("GET", f"/api/v1/jobs/{job}/pages/1.txt")[0] != 200:
        time.sleep(0.02)
    print(f"first page: 500 pages accepted in {accepted - begin:.2f} s, "
          f"page 1 readable {time.monotonic() - accepted:.2f} s after", flush=True)
    server.request("DELETE", f"/api/v1/jobs/{job}")


def reading(server, name, document, query, timeout):
    with Watcher(server) as watcher:
        begin = time.monotonic()
        job = server.submit(document, query)
        done = server.wait(job, timeout)
        seconds = time.monotonic() - begin
    pages = done["progress"]["total_pages"]
    server_halves, child_halves = watcher.halves(0), watcher.halves(1)
    print(f"{name}: {pages} pages in {seconds:.0f} s, {done['status']}; server peak "
          f"{watcher.server:.0f} MB ({server_halves[0]:.0f} -> {server_halves[1]:.0f}), child peak "
          f"{watcher.child:.0f} MB ({child_halves[0]:.0f} -> {child_halves[1]:.0f})", flush=True)
    server.request("DELETE", f"/api/v1/jobs/{job}")


def upload(server, megabytes):
    """Starts like a PDF, so that it is stored; it is no document, and is refused at the end."""
    host, port = server.url.removeprefix("http://").split(":")
    with Watcher(server) as watcher:
        connection = http.client.HTTPConnection(host, int(port), timeout=300)
        connection.putrequest("POST", "/api/v1/jobs")
        connection.putheader("Content-Length", str(megabytes * 1_000_000))
        connection.putheader("Content-Type", "application/pdf")
        connection.endheaders()
        connection.send(b"%PDF-1.4\n" + b" " * (1_000_000 - 9))
        for _ in range(megabytes - 1):
            connection.send(b"\0" * 1_000_000)
        answer = connection.getresponse()
        answer.read()
    print(f"upload: {megabytes} MB, status {answer.status}, server peak {watcher.server:.0f} MB",
          flush=True)


def main():
    with tempfile.TemporaryDirectory() as data:
        server = Server(data, MAX_UPLOAD_BYTES="2GB").start()
        try:
            first_page(server)
            if args.upload_mb:
                upload(server, args.upload_mb)
            if args.scan:
                with open(args.scan, "rb") as scan:
                    reading(server, "scan", scan.read(), "", 3600)
            if args.pages:
                reading(server, "reading", make_pdf(args.pages), "?mode=force&dpi=100", 7200)
        finally:
            server.stop()


if __name__ == "__main__":
    main()
