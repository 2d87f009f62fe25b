"""Clients that send requests and do not read the responses, for
tests/slow_readers_test.py and bench/slow_readers.py. Standard library only."""
import concurrent.futures
import os
import re
import select
import socket
import time

from pdf_file import pdf
from support import WORDS, Server, make_pdf, resident_mb


def empty_pages(pages):
    """A PDF with this many empty pages."""
    kids = b" ".join(b"%d 0 R" % (number + 3) for number in range(pages))
    bodies = [b"<< /Type /Catalog /Pages 2 0 R >>",
              b"<< /Type /Pages /Count %d /MediaBox [0 0 72 72] /Kids [%s] >>" % (pages, kids)]
    return pdf(bodies + [b"<< /Type /Page /Parent 2 0 R >>"] * pages)


def crowded_page(words):
    """A one-page PDF with this many words in small type, fifty per line."""
    lines = [" ".join(WORDS[(line + 3 * k) % len(WORDS)] for k in range(50))
             for line in range(max(1, words // 50))]
    text = b"BT /F1 4 Tf 20 %d Td 5 TL " % (5 * len(lines) + 20)
    text += b" ".join(b"(%s) Tj T*" % line.encode() for line in lines) + b" ET"
    return pdf([b"<< /Type /Catalog /Pages 2 0 R >>",
                b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
                b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 1000 %d] /Contents 4 0 R "
                b"/Resources << /Font << /F1 5 0 R >> >> >>" % (5 * len(lines) + 40),
                b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
                b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"])


def submit_stopped(server, pages):
    """A job that is cancelled immediately: so many pages would take long, and they are listed anyway."""
    job = server.submit(empty_pages(pages), "?mode=skip")
    server.request("POST", f"/api/v1/jobs/{job}/cancel")
    server.wait(job)
    while b"\ngnosis_queue_depth 0" not in server.request("GET", "/metrics")[2]:
        time.sleep(0.02)
    return job


def warm(server, path):
    """Lets every server thread produce a response: buffers kept for reuse are not due to the readers."""
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _: server.request("GET", path), range(48)))


class World:
    """The resources in a data folder: a job with many pages, one with a large page, a list of jobs."""

    def __init__(self, data, pages, words, jobs):
        server = Server(data).start()
        try:
            self.many = submit_stopped(server, pages)
            self.large = server.submit(crowded_page(words), "?mode=skip&dpi=72")
            done = server.wait(self.large)
            assert done["status"] == "completed", done
            listed = [server.submit(make_pdf(1), "?mode=skip&dpi=72") for _ in range(jobs)]
            for job in listed:
                server.wait(job)
            self.sizes = {}
            for kind, path in self.kinds(server).items():  # also generates what is created on demand
                if kind != "events":
                    status, _, body = server.request("GET", path)
                    assert status == 200, (path, status)
                    self.sizes[kind] = len(body)
        finally:
            server.stop()

    def kinds(self, server):
        """Name -> path of every kind of response."""
        many, large = (f"/api/v1/jobs/{job}" for job in (self.many, self.large))
        kinds = {
            "pages": f"{many}/pages",
            "events": f"{many}/events",
            "partial txt": f"{many}/result?partial=1&format=txt",
            "partial json": f"{many}/result?partial=1&format=json",
            "result": f"{large}/result?format=json",
            "zip": f"{large}/result?format=zip",
            "page": f"{large}/pages/1",
            "page txt": f"{large}/pages/1.txt",
            "page json": f"{large}/pages/1.json",
            "page hocr": f"{large}/pages/1.hocr",
            "jobs": "/api/v1/jobs?limit=200",
            "metrics": "/metrics",
            "openapi": "/openapi.json",
        }
        status, _, page = server.request("GET", "/", headers={"Accept": "text/html"})
        script = re.search(rb'src="(/assets/[^"]+\.js)"', page) if status == 200 else None
        if script:
            kinds["web"] = script[1].decode()
        return kinds


class Clients:
    """Connections that have sent something and then neither send nor read any more."""

    def __init__(self, server, count, sent):
        host, port = server.url.removeprefix("http://").split(":")
        self.sockets = []
        for number in range(count):
            client = socket.socket()
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.bind((f"127.0.1.{number % 50 + 1}", 0))
            client.connect((host, int(port)))
            client.sendall(sent.replace(b"HOST", f"{host}:{port}".encode()))
            self.sockets.append(client)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for client in self.sockets:
            client.close()

    def given_up(self):
        """How many the server has closed."""
        poll = select.poll()
        for client in self.sockets:
            poll.register(client, select.POLLRDHUP)
        return len(poll.poll(0))


class Readers(Clients):
    """Connections that have requested `path`, received the start of the response, and stop reading."""

    def __init__(self, server, path, count):
        super().__init__(server, count, f"GET {path} HTTP/1.1\r\nHost: HOST\r\n\r\n".encode())
        for client in self.sockets:
            assert select.select([client], [], [], 60)[0], "no answer"


# Name -> a request that is never completed.
HALF_SENT = {
    "idle": b"",
    "half a head": b"GET / HTTP/1.1\r\nHost: HOST\r\nX-A: " + b"a" * 7000 + b"\r\nX-B: " + b"b" * 7000,
    "upload": b"POST /api/v1/jobs HTTP/1.1\r\nHost: HOST\r\nContent-Length: 100000\r\n\r\n%PDF-1.7\n"
              + b" " * 99_000,
    "chunked upload": b"POST /api/v1/jobs HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\n"
                      b"186a0\r\n%PDF-1.7\n" + b" " * 99_000,
    "small body": b"POST /api/v1/jobs/0/retry HTTP/1.1\r\nHost: HOST\r\nContent-Length: 60000\r\n\r\n"
                  + b" " * 59_000,
}


def settled_mb(server, quiet_s=0.5):
    """Resident size once it has stopped growing."""
    size = resident_mb(server.process.pid)
    while True:
        time.sleep(quiet_s)
        now = resident_mb(server.process.pid)
        if now - size < 0.5:
            return now
        size = now


def kernel_mb():
    """The memory used by all TCP sockets of this machine."""
    with open("/proc/net/sockstat") as stat:
        line = next(line for line in stat if line.startswith("TCP:"))
    return int(line.split()[line.split().index("mem") + 1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
