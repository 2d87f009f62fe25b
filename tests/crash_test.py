"""kill -9 at random moments: of the server, and alternately of just a page child. After every
restart the job resumes; no completed page is recognised again; the text is that of an undisturbed
run."""
import json
import os
import random
import signal
import sys
import tempfile
import time

from support import Server, children_of, make_pdf, page_children_of

PAGES = 40
SERVER_KILLS = 40
CHILD_KILLS = 15
QUERY = "?mode=force&dpi=150&formats=txt,json"


def results(folder):
    """page -> completed_at of the results that exist."""
    found = {}
    for name in os.listdir(folder):
        if name.startswith("page_") and name.endswith("_result.json"):
            with open(os.path.join(folder, name)) as file:
                result = json.load(file)
            found[result["page"]] = result["completed_at"]
    return found


def undisturbed(document):
    with tempfile.TemporaryDirectory() as data:
        server = Server(data).start()
        begin = time.monotonic()
        job = server.submit(document, QUERY)
        assert server.wait(job)["status"] == "completed"
        seconds = time.monotonic() - begin
        text = server.request("GET", f"/api/v1/jobs/{job}/result?format=txt")[2]
        code, _ = server.stop()
        assert code == 0, code
    return text, seconds


def check_end(server, job, known, text):
    done = server.wait(job)
    assert done["status"] == "completed", done
    now = results(server.session_folder(job))
    assert len(now) == PAGES, sorted(now)
    for page, completed_at in known.items():
        assert now[page] == completed_at, f"page {page} was recognised again"
    got = server.request("GET", f"/api/v1/jobs/{job}/result?format=txt")[2]
    assert got == text, "the text differs from an undisturbed run's"


def kill_server_runs(document, text, seconds, rng):
    """Several jobs, each killed repeatedly until it is finished; counts the kills."""
    kills = runs = 0
    while kills < SERVER_KILLS:
        runs += 1
        with tempfile.TemporaryDirectory() as data:
            server = Server(data).start()
            job = server.submit(document, QUERY)
            known = {}
            for _ in range(12):
                time.sleep(rng.uniform(0.02, seconds / 8))
                if server.json("GET", f"/api/v1/jobs/{job}")[1]["status"] == "completed":
                    break
                server.kill()
                kills += 1
                known_now = results(server.session_folder(job))
                for page, completed_at in known.items():
                    assert known_now[page] == completed_at, f"page {page} was recognised again"
                known = known_now
                server.start()
            check_end(server, job, known, text)
            assert server.stop()[0] == 0
    return kills, runs


def page_process(server, rng, template):
    """The process that page children are forked from, or one of them."""
    processes = children_of(server.process.pid) if template else page_children_of(server)
    return rng.choice(processes) if processes else None


def kill_child_runs(document, text, seconds, rng):
    kills = runs = 0
    while kills < CHILD_KILLS:
        runs += 1
        with tempfile.TemporaryDirectory() as data:
            server = Server(data).start()
            job = server.submit(document, QUERY)
            known = {}
            for _ in range(5):
                time.sleep(rng.uniform(0.05, seconds / 6))
                victim = page_process(server, rng, template=kills % CHILD_KILLS == 0)
                if victim is None:
                    continue
                known = results(server.session_folder(job))
                try:
                    os.kill(victim, signal.SIGKILL)
                except ProcessLookupError:  # its document is finished
                    continue
                kills += 1
            check_end(server, job, known, text)
            assert server.stop()[0] == 0
    return kills, runs


def main():
    seed = int(os.environ.get("GNOSIS_CRASH_SEED", "20251124"))
    rng = random.Random(seed)
    document = make_pdf(PAGES)
    text, seconds = undisturbed(document)
    assert text.count(b"\f") == PAGES - 1, text.count(b"\f")
    print(f"seed {seed}; an undisturbed run of {PAGES} pages takes {seconds:.1f} s", flush=True)
    kills, runs = kill_server_runs(document, text, seconds, rng)
    print(f"server killed {kills} times in {runs} runs", flush=True)
    child_kills, runs = kill_child_runs(document, text, seconds, rng)
    print(f"page child killed {child_kills} times in {runs} runs", flush=True)
    assert kills + child_kills >= 50


if __name__ == "__main__":
    sys.exit(main())
