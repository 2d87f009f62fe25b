#!/usr/bin/env python3
"""How long awkward documents hold a worker: every file of a folder is submitted by itself to a server of
its own, and the longest jobs are named. Files that are refused count as ended.

    bench/awkward.py PROGRAM FOLDER [LIMIT_SECONDS]

Ends with 1 when a job was not final after LIMIT_SECONDS (240).
"""
import os
import pathlib
import sys
import tempfile
import time

PROGRAM, FOLDER = sys.argv[1], pathlib.Path(sys.argv[2])
LIMIT_S = float(sys.argv[3]) if len(sys.argv) > 3 else 240
SOURCE = pathlib.Path(__file__).resolve().parent.parent
os.environ.update(GNOSIS_PROGRAM=os.path.abspath(PROGRAM), GNOSIS_SOURCE=str(SOURCE))
sys.path.insert(0, str(SOURCE / "tests"))
from support import Server  # noqa: E402  wants the environment


def main():
    took, states = [], {}
    with tempfile.TemporaryDirectory() as data:
        server = Server(data).start()
        for path in sorted(FOLDER.iterdir()):
            if path.suffix in (".tsv", ".md") or not path.is_file():
                continue
            begin = time.monotonic()
            status, job = server.json("POST", "/api/v1/jobs", path.read_bytes(),
                                      {"Content-Type": "application/octet-stream"})
            state = f"refused {status}"
            if status == 202:
                try:
                    state = server.wait(job["job_id"], LIMIT_S + 60)["status"]
                except AssertionError:
                    state = "not final"
                server.request("DELETE", f"/api/v1/jobs/{job['job_id']}")
            took.append((time.monotonic() - begin, path.name, state))
            states[state] = states.get(state, 0) + 1
        server.stop()
    for seconds, name, state in sorted(took, reverse=True)[:12]:
        print(f"{seconds:7.1f} s  {state:24} {name}")
    print(f"{len(took)} files:", ", ".join(f"{n} {state}" for state, n in sorted(states.items())))
    sys.exit(1 if max(took)[0] > LIMIT_S or "not final" in states else 0)


main()
