"""What a race driver knows about jobs: its own operations and the responses, and which responses
contradict that. Standard library only.

For every job there is an interval in which it certainly existed (from the first response that named
it to the first call that may have deleted it), and one outside of which it certainly did not (from
the first call that may have created it to the first response that said it is gone).
Times are time.monotonic()."""
import io
import json
import random
import re
import threading
import time
import zipfile

from support import make_pdf

WORD = re.compile(rb"\b[bcdfghjkmnpqrstvwxz]{12}\b")
FILE_NAME = re.compile(rb"\bdoc-(\d+)\.pdf\b")
NEVER = float("inf")


class Document:
    """No other document has its word, its name, or its pages' size."""

    def __init__(self, number, rng):
        self.number = number
        self.name = f"doc-{number}.pdf"
        self.word = "".join(rng.choice("bcdfghjkmnpqrstvwxz") for _ in range(12))
        self.pages = rng.choice((1, 1, 1, 1, 2, 2, 3, 7))
        self.width = 260 + 7 * (number % 40)
        self.height = 170 + 7 * (number // 40 % 40)
        self.password = "opens-" + self.word if rng.random() < 0.15 else ""
        self.bytes = make_pdf(self.pages, 4, self.width, self.height, self.word, self.password)


class Operation:
    """A call, from before it is sent until its response has been checked."""

    def __init__(self, number, owner, what):
        self.number = number
        self.owner = owner
        self.what = what
        self.key = None       # of a submission
        self.document = None  # likewise
        self.options = {}     # likewise
        self.password = ""    # likewise
        self.job = None       # the id
        self.status = None    # None: in progress; 0: the response was lost
        self.code = ""
        self.begin = time.monotonic()
        self.end = NEVER

    def __str__(self):
        said = {None: "under way", 0: "lost"}.get(self.status, f"{self.status} {self.code}")
        about = f" key={self.key} {self.document.name} {self.options}" if self.document else ""
        return (f"{self.begin:.4f} {self.end - self.begin:7.4f} #{self.number} {self.owner} "
                f"{self.what}{about} job={self.job}: {said}")


class Job:
    def __init__(self, job_id, owner, document, born):
        self.id = job_id
        self.owner = owner
        self.document = document
        self.key = None
        self.options = {}
        self.born = born      # before this it did not exist
        self.seen = NEVER     # from now on it certainly existed (the response to a submission)
        self.doomed = NEVER   # from now on it may be gone
        self.gone = NEVER     # from now on it certainly is
        self.cancelled = False
        self.recognised = False  # its text may differ from the document's

    def surely_there(self, operation):
        return self.seen <= operation.begin and operation.end < self.doomed

    def surely_gone(self, operation):
        return self.gone <= operation.begin


class Beliefs:
    def __init__(self, session_ttl=None):
        self.session_ttl = session_ttl
        self.lag = 0  # how long another process may still report deleted jobs
        self.lock = threading.RLock()
        self.operations = []
        self.documents = {}  # by number
        self.by_word = {}
        self.jobs = {}       # by id
        self.faults = []

    def new_document(self, rng):
        with self.lock:
            number = len(self.documents)
            document = self.documents[number] = Document(number, rng)
            self.by_word[document.word.encode()] = document
            return document

    def begin(self, number, owner, what, job=None):
        operation = Operation(number, owner, what)
        with self.lock:
            self.operations.append(operation)
            if job:
                operation.job = job.id
        return operation

    def end(self, operation, status, code=""):
        operation.status, operation.code = status, code
        operation.end = time.monotonic()
        if status >= 500 or status == 429:
            self.fault(operation, "this must not be answered here")

    def fault(self, operation, why, *others):
        with self.lock:
            ids = {operation.job, *others} - {None}
            keys = {self.jobs[i].key for i in ids if i in self.jobs} | {operation.key}
            keys.discard(None)
            about = [o for o in self.operations
                     if o.job in ids or (o.key in keys and o.owner == operation.owner)]
            history = "\n".join(f"  {o}" for o in about[-80:])
            self.faults.append(f"{why}\n in: {operation}\n history:\n{history}")

    # What was reported.

    def job_seen(self, job_id, owner, file_name, operation):
        """A caller who may see this job was told of it."""
        with self.lock:
            document = self.document_named(file_name, operation)
            job = self.jobs.get(job_id)
            if not job:
                job = self.jobs[job_id] = Job(job_id, owner, document, self.born(owner, document))
                if self.session_ttl:
                    job.doomed = job.born + self.session_ttl - 0.1
            if job.owner != owner:
                self.fault(operation, f"job {job_id} belongs to {job.owner}", job_id)
            if document and job.document is not document:
                self.fault(operation, f"job {job_id} is of {job.document.name}", job_id)
            if job.surely_gone(operation):
                self.fault(operation, f"job {job_id} is gone, and is told of", job_id)
            return job

    def document_named(self, file_name, operation):
        match = FILE_NAME.fullmatch((file_name or "").encode())
        if not match or int(match[1]) not in self.documents:
            self.fault(operation, f"a file name that nobody sent: {file_name}")
            return None
        return self.documents[int(match[1])]

    def born(self, owner, document):
        """When the first submission began that may have created a job for it."""
        return min((o.begin for o in self.operations
                    if o.document is document and o.owner == owner), default=time.monotonic())

    def submitted(self, operation, job_id, file_name, replayed):
        with self.lock:
            operation.job = job_id
            job = self.job_seen(job_id, operation.owner, file_name, operation)
            if job.document is not operation.document:
                self.fault(operation, "answered with the job of another document", job_id)
            if job.seen < NEVER and (job.key, job.options) != (operation.key, operation.options):
                self.fault(operation, f"answered with the job of {job.key} {job.options}", job_id)
            if job.seen < NEVER and job.key is None and not replayed:
                self.fault(operation, "two submissions without a key made one job", job_id)
            job.key, job.options = operation.key, operation.options
            job.seen = min(job.seen, operation.end)
            job.recognised |= job.options.get("mode") == "force"

    def may_remove(self, job, operation):
        """Before a DELETE is sent."""
        with self.lock:
            job.doomed = min(job.doomed, operation.begin)

    def is_gone(self, job, operation):
        with self.lock:
            if operation.status != 204 and job.surely_there(operation):
                self.fault(operation, "a job that must be there is not", job.id)
            job.gone = min(job.gone, operation.end + self.lag)

    # What was read.

    def check_texts(self, operation, job, body):
        """Contains no word and no name of another document anywhere."""
        for word in set(WORD.findall(body)):
            document = self.by_word.get(word)
            if document and document is not job.document:
                self.fault(operation, f"TEXT OF ANOTHER DOCUMENT: {document.name}", job.id)
        for number in set(FILE_NAME.findall(body)):
            if int(number) != job.document.number:
                self.fault(operation, f"NAME OF ANOTHER DOCUMENT: doc-{int(number)}.pdf", job.id)

    def may_be_recognised(self, job):
        """Also while its submission is unanswered: its document is not known yet."""
        with self.lock:
            return job.recognised or job.seen == NEVER and any(
                o.document is job.document and (o.options or {}).get("mode") == "force"
                for o in self.operations)

    def check_pages(self, operation, job, body, pages):
        """All of these pages are present, word for word."""
        self.check_texts(operation, job, body)
        if self.may_be_recognised(job):
            return
        for page in pages:
            if f"Page {page} of {job.document.word}".encode() not in body:
                self.fault(operation, f"page {page} is not in {body[:200]!r}", job.id)

    def check_words(self, operation, job, body):
        """Once per page of the document, in whatever format."""
        self.check_texts(operation, job, body)
        whole = body.count(job.document.word.encode()) >= job.document.pages
        if not whole and not self.may_be_recognised(job):
            self.fault(operation, f"pages are missing in {body[:200]!r}", job.id)

    def check_archive(self, operation, job, body):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            texts = {name: archive.read(name) for name in archive.namelist()}
        for text in texts.values():
            self.check_texts(operation, job, text)
        whole = texts.get("result.txt")
        if whole is not None:
            self.check_pages(operation, job, whole, range(1, job.document.pages + 1))
        pages = [name for name in texts if name.startswith("pages/")]
        if len(pages) != job.document.pages:
            self.fault(operation, f"the archive holds {sorted(texts)}", job.id)

    def check_png(self, operation, job, body):
        size = (int.from_bytes(body[16:20], "big"), int.from_bytes(body[20:24], "big"))
        document = job.document
        scale = size[0] / document.width
        if abs(size[1] - document.height * scale) > 3:
            self.fault(operation, f"IMAGE OF ANOTHER DOCUMENT: {size}", job.id)

    def check_list(self, operation, jobs, complete):
        for told in jobs:
            self.job_seen(told["job_id"], operation.owner, told["file_name"], operation)
        listed = {told["job_id"] for told in jobs}
        with self.lock:
            for job in self.jobs.values():
                if (complete and job.owner == operation.owner and job.id not in listed
                        and job.surely_there(operation)):
                    self.fault(operation, "a job is missing in the list", job.id)

    # Checks of the whole history, when everything has been answered.

    def check_order(self):
        """At any time a key belongs to at most one job, and every refusal is explained by a job that
        may have existed."""
        with self.lock:
            by_key = {}
            for job in self.jobs.values():
                if job.key and job.seen < NEVER:
                    by_key.setdefault((job.owner, job.key), []).append(job)
            for jobs in by_key.values():
                self.check_one_at_a_time(jobs)
            for operation in self.operations:
                if operation.document and operation.status in (404, 409, 410, 422):
                    self.check_refusal(operation, by_key.get((operation.owner, operation.key), []))

    def check_one_at_a_time(self, jobs):
        jobs.sort(key=lambda job: job.seen)
        for first, second in zip(jobs, jobs[1:]):
            if first.doomed > second.seen:
                last = next(o for o in self.operations if o.job == second.id)
                self.fault(last, "one key stood for two jobs", first.id, second.id)

    def check_refusal(self, operation, jobs):
        # If a submission's response was lost, or its job was deleted before the response, it is
        # unknown when the job existed.
        lost = any(o is not operation and o.key == operation.key and o.owner == operation.owner
                   and o.document and o.begin < operation.end
                   and (o.status == 0 or o.status in (404, 409) and operation.begin < o.end)
                   for o in self.operations)
        there = [job for job in jobs if job.born < operation.end and operation.begin < job.gone]
        if operation.status == 422:
            sent = operation.document, operation.options
            other = any((job.document, job.options) != sent for job in there)
            # The key may have belonged to a job that was deleted before its submission was answered.
            other |= any((o.document, o.options) != sent and o.begin < operation.end
                         and operation.begin < o.end for o in self.operations
                         if o.document and (o.key, o.owner) == (operation.key, operation.owner)
                         and o.code in ("conflict", "not_found", "gone"))
            if operation.code == "idempotency_key_reused" and not other and not lost:
                self.fault(operation, "refused because of a job that is not there")
            return
        # The job of an unanswered submission can already be seen in the list, and deleted.
        going = any(job.document is operation.document and job.doomed < operation.end
                    and operation.begin < job.gone for job in self.jobs.values())
        if not going and not any(job.doomed < operation.end for job in there) and not lost:
            self.fault(operation, "answered that its job is gone, and nobody removed it")


def decode(body):
    try:
        return json.loads(body)
    except ValueError:
        return None


def rng_of(*parts):
    return random.Random("/".join(map(str, parts)))
