#!/usr/bin/env python3
"""A stand-in for Cloud Storage's JSON API that keeps the rules of the real one.

  storage_server.py [--port 0] [--folder DIR] [--bucket NAME...]

prints its port. Objects are kept in memory, and with --folder as plain files DIR/BUCKET/NAME as well,
from where they are loaded at start. Faults and counters: see fake_http.py. The operations of its rules:
insert_media insert_multipart start_resumable put_chunk query_status cancel_resumable get_media
get_metadata list delete patch create_bucket get_bucket; their names: "bucket/object".

Kept rules: one object changes atomically and is read and listed consistently; preconditions answer
412 (304 for ifGenerationNotMatch on reads); pages of a listing with nextPageToken, counting prefixes, too;
`fields`; ranges 206 and 416; multipart/related; resumable: 308 with Range, status by "bytes */N", chunks
of n x 256 KiB but for the last, cancel 499, preconditions at the start and at the end; wrong crc32c or
md5 400; DELETE 204; one write a second to one object name, else 429.

POST /_settings: {"write_limit": bool: the last of these rules (off),
  "list_page_limit": how many entries a page has at most (1000),
  "tokens": [accepted bearer tokens] (null: anything goes; a session URI needs none),
  "forbidden": regular expression on "op bucket/object": answered 403}
GET /_stats: {"class_a", "class_b", "free": operations by price, "by_op": {...}, "by_status": {...},
  "writes": {"bucket/object": successful writes}, "closest_writes_s": the least time between two
  writes of one name, or null, "closest_writes_of": its name}
"""
import argparse
import base64
import hashlib
import json
import os
import re
import struct
import threading
import time
import urllib.parse
from array import array
from email.parser import BytesHeaderParser

from fake_http import Response, Service, serve

CHUNK = 256 * 1024
CLASS_A = {"insert_media", "insert_multipart", "start_resumable", "list", "patch", "create_bucket"}
CLASS_B = {"get_media", "get_metadata", "get_bucket"}
WRITES = CLASS_A - {"list"} | {"delete", "put_chunk"}


def make_crc_table():
    """table[w] is the CRC-32C (Castagnoli) of the two bytes of w, low one first."""
    one = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (0x82F63B78 if value & 1 else 0)
        one.append(value)
    return array("I", ((one[w & 255] >> 8) ^ one[(one[w & 255] ^ (w >> 8)) & 255]
                       for w in range(65536))), one


PAIRS, BYTES = make_crc_table()


def crc32c(data):
    crc = 0xFFFFFFFF
    pairs = PAIRS
    for word in struct.unpack(f"<{len(data) // 2}H", data[:len(data) // 2 * 2]):
        crc = (crc >> 16) ^ pairs[(crc & 0xFFFF) ^ word]
    if len(data) % 2:
        crc = (crc >> 8) ^ BYTES[(crc ^ data[-1]) & 255]
    return base64.b64encode(struct.pack(">I", crc ^ 0xFFFFFFFF)).decode()


assert crc32c(b"123456789") == base64.b64encode(bytes.fromhex("e3069283")).decode()


def select(value, mask):
    """What a `fields` mask leaves of a JSON value: "items(name,size),nextPageToken", "metadata/x"."""
    if isinstance(value, list):
        return [select(item, mask) for item in value]
    if not isinstance(value, dict) or mask is None:
        return value
    if "*" in mask:
        return value
    return {name: select(value[name], inner) for name, inner in mask.items() if name in value}


def parse_mask(text):
    def parse(position):
        mask = {}
        while position < len(text) and text[position] != ")":
            name = re.compile(r"[^,()/]+").match(text, position).group()
            position += len(name)
            inner = None
            if position < len(text) and text[position] == "(":
                inner, position = parse(position + 1)
                position += 1
            elif position < len(text) and text[position] == "/":
                end = position + 1
                while end < len(text) and text[end] not in ",)":
                    end += 1
                inner, position = parse_mask(text[position + 1:end]), end
            mask[name] = inner
            if position < len(text) and text[position] == ",":
                position += 1
        return mask, position
    return parse(0)[0]


class Failure(Exception):
    def __init__(self, status, message, reason="invalid"):
        super().__init__(message)
        self.status, self.message, self.reason = status, message, reason


class Session:
    """A resumable upload."""

    def __init__(self, bucket, name, resource, query, content_type, size):
        self.bucket, self.name, self.resource, self.query = bucket, name, resource, query
        self.content_type, self.size = content_type, size
        self.data = bytearray()
        self.result = None  # the resource, once it is complete


class Storage(Service):
    def __init__(self, folder, buckets):
        self.settings = {"write_limit": False, "list_page_limit": 1000, "tokens": None,
                         "forbidden": None}
        self.lock = threading.RLock()
        self.buckets = {}   # name -> {object name -> {"resource", "data"}}
        self.sessions = {}
        self.folder = folder
        self.last_generation = 0
        self.last_write = {}  # "bucket/object" -> monotonic seconds
        self.closest = (None, None)
        self.counts = {"by_op": {}, "by_status": {}, "writes": {}}
        for bucket in buckets:
            self.buckets[bucket] = {}
        if folder:
            self.load()

    def load(self):
        for path, _, files in os.walk(self.folder):
            for file in files:
                relative = os.path.relpath(os.path.join(path, file), self.folder)
                bucket, _, name = relative.partition(os.sep)
                if not name:
                    continue
                with open(os.path.join(path, file), "rb") as opened:
                    self.buckets.setdefault(bucket, {})
                    self.store(bucket, name, opened.read(), {}, {}, None)

    # What a request is.

    def describe(self, request):
        path = request.path
        match = re.fullmatch(r"(?:/upload|/download)?/storage/v1/b(?:/([^/]+)(?:/o(?:/(.+))?)?)?", path)
        if not match:
            return "unknown", path
        bucket = urllib.parse.unquote(match.group(1) or "")
        name = urllib.parse.unquote(match.group(2) or "")
        if not match.group(1):
            return "create_bucket", ""
        if path.startswith("/upload/"):
            return self.describe_upload(request, bucket)
        if name:
            media = request.query.get("alt") == "media"
            op = {"GET": "get_media" if media else "get_metadata", "DELETE": "delete",
                  "PATCH": "patch"}.get(request.method, "unknown")
            return op, f"{bucket}/{name}"
        if path.endswith("/o"):
            return "list", f"{bucket}/{request.query.get('prefix', '')}"
        return "get_bucket", bucket

    def describe_upload(self, request, bucket):
        query = request.query
        session = self.sessions.get(query.get("upload_id"))
        if "upload_id" in query:
            name = session.name if session else "?"
            if request.method == "DELETE":
                return "cancel_resumable", f"{bucket}/{name}"
            is_query = request.headers.get("Content-Range", "").startswith("bytes */")
            is_query = is_query and not int(request.headers.get("Content-Length") or 0)
            return "query_status" if is_query else "put_chunk", f"{bucket}/{name}"
        op = {"media": "insert_media", "multipart": "insert_multipart",
              "resumable": "start_resumable"}.get(query.get("uploadType"), "unknown")
        return op, f"{bucket}/{query.get('name', '')}"

    def handle(self, request):
        op, name = self.describe(request)
        with self.lock:
            self.counts["by_op"][op] = self.counts["by_op"].get(op, 0) + 1
        try:
            self.check_access(request, op, name)
            response = getattr(self, op, self.unknown)(request, *name.partition("/")[::2])
        except Failure as failure:
            response = self.error(failure.status, failure.message, failure.reason)
            if op == "get_media":  # the real one answers media requests in plain text
                response = Response(failure.status, failure.message.encode(), content_type="text/html")
        except (ValueError, KeyError, struct.error) as problem:
            response = self.error(400, f"bad request: {problem}")
        with self.lock:
            status = str(response.status)
            self.counts["by_status"][status] = self.counts["by_status"].get(status, 0) + 1
        return response

    def error(self, status, message, reason="invalid"):
        return Response(status, {"error": {"code": status, "message": message, "errors": [
            {"message": message, "domain": "global", "reason": reason}]}})

    def check_access(self, request, op, name):
        forbidden = self.settings["forbidden"]
        if forbidden and re.search(forbidden, f"{op} {name}"):
            raise Failure(403, "somebody@example.com does not have storage.objects access to the "
                          "Google Cloud Storage object.", "forbidden")
        tokens = self.settings["tokens"]
        if tokens is not None and "upload_id" not in request.query and request.token() not in tokens:
            raise Failure(401, "Invalid Credentials", "authError")

    def unknown(self, request, *_):
        raise Failure(501, f"not in this stand-in: {request.method} {request.path}", "notImplemented")

    # Buckets.

    def create_bucket(self, request, *_):
        if request.method != "POST":
            raise Failure(501, "not in this stand-in")
        name = request.json()["name"]
        with self.lock:
            if name in self.buckets:
                raise Failure(409, "Your previous request to create the named bucket succeeded and you "
                              "already own it.", "conflict")
            self.buckets[name] = {}
        return Response(200, {"kind": "storage#bucket", "id": name, "name": name})

    def get_bucket(self, request, bucket, _):
        self.objects(bucket)
        return Response(200, {"kind": "storage#bucket", "id": bucket, "name": bucket})

    def objects(self, bucket):
        if bucket not in self.buckets:
            raise Failure(404, "The specified bucket does not exist.", "notFound")
        return self.buckets[bucket]

    # Objects.

    def find(self, bucket, name):
        found = self.objects(bucket).get(name)
        if found is None:
            raise Failure(404, f"No such object: {bucket}/{name}", "notFound")
        return found

    @staticmethod
    def check_preconditions(query, current, for_read=False):
        resource = current["resource"] if current else {}
        generation = int(resource.get("generation", 0))
        metageneration = int(resource.get("metageneration", 0))
        failed = Failure(412, "At least one of the pre-conditions you specified did not hold.",
                         "conditionNotMet")
        unchanged = Failure(304, "", "notModified") if for_read else failed
        if "ifGenerationMatch" in query and int(query["ifGenerationMatch"]) != generation:
            raise failed
        if "ifMetagenerationMatch" in query and int(query["ifMetagenerationMatch"]) != metageneration:
            raise failed
        if "ifGenerationNotMatch" in query and int(query["ifGenerationNotMatch"]) == generation:
            raise unchanged
        if "generation" in query and int(query["generation"]) != generation:
            raise Failure(404, "No such object", "notFound")

    def check_write_rate(self, full_name):
        now = time.monotonic()
        last = self.last_write.get(full_name)
        if self.settings["write_limit"] and last is not None and now - last < 1:
            raise Failure(429, "The object exceeded the rate limit for object mutation operations "
                          "(create, update, and delete). Please reduce your request rate.",
                          "rateLimitExceeded")
        return now, last

    def note_write(self, full_name, now, last):
        self.last_write[full_name] = now
        self.counts["writes"][full_name] = self.counts["writes"].get(full_name, 0) + 1
        if last is not None and (self.closest[0] is None or now - last < self.closest[0]):
            self.closest = (now - last, full_name)

    def store(self, bucket, name, data, resource, query, content_type, hashes=None):
        """Creates or replaces; answers the resource."""
        data = bytes(data)
        crc, md5 = crc32c(data), base64.b64encode(hashlib.md5(data).digest()).decode()
        wanted = dict({"crc32c": resource.get("crc32c"), "md5": resource.get("md5Hash")}, **(hashes or {}))
        if wanted["crc32c"] not in (None, crc):
            raise Failure(400, f"Provided CRC32C \"{wanted['crc32c']}\" doesn't match calculated CRC32C "
                          f"\"{crc}\".", "invalid")
        if wanted["md5"] not in (None, md5):
            raise Failure(400, f"Provided MD5 hash \"{wanted['md5']}\" doesn't match calculated MD5 hash "
                          f"\"{md5}\".", "invalid")
        with self.lock:
            objects = self.objects(bucket)
            self.check_preconditions(query, objects.get(name))
            now, last = self.check_write_rate(f"{bucket}/{name}")
            self.last_generation = max(self.last_generation + 1, int(time.time() * 1e6))
            stored = {"kind": "storage#object", "id": f"{bucket}/{name}/{self.last_generation}",
                      "name": name, "bucket": bucket, "generation": str(self.last_generation),
                      "metageneration": "1", "size": str(len(data)), "crc32c": crc, "md5Hash": md5,
                      "contentType": resource.get("contentType") or content_type
                      or "application/octet-stream", "storageClass": "STANDARD", "timeCreated": rfc3339(),
                      "updated": rfc3339(), "etag": base64.b64encode(crc.encode()).decode()}
            for field in ("metadata", "cacheControl", "contentEncoding", "contentDisposition"):
                if field in resource:
                    stored[field] = resource[field]
            objects[name] = {"resource": stored, "data": data}
            self.note_write(f"{bucket}/{name}", now, last)
            self.write_file(bucket, name, data)
            return stored

    def write_file(self, bucket, name, data):
        if not self.folder:
            return
        path = os.path.join(self.folder, bucket, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path + ".part", "wb") as file:
            file.write(data)
        os.replace(path + ".part", path)

    def get_metadata(self, request, bucket, name):
        with self.lock:
            found = self.find(bucket, name)
            self.check_preconditions(request.query, found, for_read=True)
            return self.masked(request, found["resource"])

    @staticmethod
    def masked(request, value):
        fields = request.query.get("fields")
        return Response(200, select(value, parse_mask(fields)) if fields else value)

    def get_media(self, request, bucket, name):
        with self.lock:
            found = self.find(bucket, name)
            self.check_preconditions(request.query, found, for_read=True)
        resource, data = found["resource"], found["data"]
        headers = {"X-Goog-Generation": resource["generation"], "X-Goog-Metageneration": "1",
                   "X-Goog-Hash": f"crc32c={resource['crc32c']},md5={resource['md5Hash']}",
                   "X-Goog-Stored-Content-Length": str(len(data)), "ETag": resource["etag"],
                   "X-Goog-Stored-Content-Encoding": "identity", "Accept-Ranges": "bytes",
                   "Cache-Control": resource.get("cacheControl", "private, max-age=0")}
        match = re.fullmatch(r"bytes=(\d*)-(\d*)", request.headers.get("Range", ""))
        if not match or match.group(0) == "bytes=-":
            return Response(200, data, headers, resource["contentType"])
        first, last = match.groups()
        begin = int(first) if first else max(0, len(data) - int(last))
        end = min(int(last) + 1, len(data)) if first and last else len(data)
        if begin >= len(data) or end <= begin:
            raise Failure(416, "Requested range not satisfiable", "requestedRangeNotSatisfiable")
        headers["Content-Range"] = f"bytes {begin}-{end - 1}/{len(data)}"
        return Response(206, data[begin:end], headers, resource["contentType"])

    def delete(self, request, bucket, name):
        with self.lock:
            found = self.find(bucket, name)
            self.check_preconditions(request.query, found)
            del self.buckets[bucket][name]
            if self.folder:
                os.unlink(os.path.join(self.folder, bucket, name))
        return Response(204)

    def patch(self, request, bucket, name):
        with self.lock:
            found = self.find(bucket, name)
            self.check_preconditions(request.query, found)
            now, last = self.check_write_rate(f"{bucket}/{name}")
            resource = dict(found["resource"])
            resource.update(request.json())
            resource["metageneration"] = str(int(resource["metageneration"]) + 1)
            found["resource"] = resource
            self.note_write(f"{bucket}/{name}", now, last)
            return self.masked(request, resource)

    def list(self, request, bucket, _):
        query = request.query
        prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
        limit = min(int(query.get("maxResults", 1000)), self.settings["list_page_limit"], 1000)
        after = base64.b64decode(query["pageToken"]).decode() if query.get("pageToken") else ""
        begin, end = query.get("startOffset", ""), query.get("endOffset")
        with self.lock:
            objects = dict(self.objects(bucket))
        entries = {}  # name or prefix -> resource or None
        for name in sorted(objects):
            if not name.startswith(prefix) or name < begin or (end and name >= end):
                continue
            cut = name.find(delimiter, len(prefix)) if delimiter else -1
            if cut < 0:
                entries[name] = objects[name]["resource"]
            else:
                entries[name[:cut + len(delimiter)]] = None
        page = [name for name in sorted(entries) if name > after]
        answer = {"kind": "storage#objects"}
        if len(page) > limit:
            page = page[:limit]
            answer["nextPageToken"] = base64.b64encode(page[-1].encode()).decode()
        items = [entries[name] for name in page if entries[name]]
        prefixes = [name for name in page if not entries[name]]
        answer.update({"items": items} if items else {}, **({"prefixes": prefixes} if prefixes else {}))
        return self.masked(request, answer)

    # Uploads.

    def insert_media(self, request, bucket, name):
        self.refuse_cut(request)
        stored = self.store(bucket, name, request.body, {}, request.query,
                            request.headers.get("Content-Type"), self.header_hashes(request))
        return self.masked(request, stored)

    @staticmethod
    def refuse_cut(request):
        if request.is_cut:
            raise Failure(400, "the body ended early")

    @staticmethod
    def header_hashes(request):
        hashes = {}
        for part in request.headers.get("X-Goog-Hash", "").split(","):
            kind, _, value = part.strip().partition("=")
            if kind in ("crc32c", "md5"):
                hashes[kind] = value
        return hashes

    def insert_multipart(self, request, bucket, _):
        self.refuse_cut(request)
        match = re.match(r'multipart/related;.*boundary="?([^";]+)"?', request.headers["Content-Type"])
        if not match:
            raise Failure(400, "not multipart/related with a boundary")
        parts = request.body.split(b"--" + match.group(1).encode())
        if len(parts) != 4 or not parts[3].startswith(b"--"):
            raise Failure(400, "Malformed multipart body.")
        contents = []
        for part in parts[1:3]:
            head, separator, content = part.partition(b"\r\n\r\n")
            if not separator or not head.startswith(b"\r\n") or not content.endswith(b"\r\n"):
                raise Failure(400, "Malformed multipart body.")
            contents.append((BytesHeaderParser().parsebytes(head[2:] + b"\r\n\r\n"), content[:-2]))
        resource = json.loads(contents[0][1])
        name = request.query.get("name") or resource["name"]
        stored = self.store(bucket, name, contents[1][1], resource, request.query,
                            contents[1][0].get("Content-Type"))
        return self.masked(request, stored)

    def start_resumable(self, request, bucket, _):
        self.refuse_cut(request)
        resource = request.json()
        name = request.query.get("name") or resource["name"]
        size = request.headers.get("X-Upload-Content-Length")
        with self.lock:
            self.check_preconditions(request.query, self.objects(bucket).get(name))
            upload_id = "upload-" + os.urandom(12).hex()
            self.sessions[upload_id] = Session(bucket, name, resource, request.query,
                                               request.headers.get("X-Upload-Content-Type"),
                                               int(size) if size else None)
        quoted = urllib.parse.quote(bucket, safe="")
        location = f"{self.url}/upload/storage/v1/b/{quoted}/o?uploadType=resumable&upload_id={upload_id}"
        headers = {"Location": location, "X-GUploader-UploadID": upload_id}
        if "Origin" in request.headers:
            headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
        return Response(200, b"", headers)

    def session(self, request):
        session = self.sessions.get(request.query["upload_id"])
        if session is None:
            raise Failure(404, "No such upload session", "notFound")
        return session

    def progress(self, session):
        headers = {"Range": f"bytes=0-{len(session.data) - 1}"} if session.data else {}
        return Response(308, b"", headers)

    def query_status(self, request, *_):
        with self.lock:
            session = self.session(request)
            if session.result:
                return self.masked(request, session.result)
            total = request.headers["Content-Range"].rpartition("/")[2]
            if total == str(len(session.data)):  # all is there: this finishes it
                return self.finish(request, session)
            return self.progress(session)

    def finish(self, request, session):
        if session.size not in (None, len(session.data)):
            raise Failure(400, f"Expected {session.size} bytes, not {len(session.data)}.")
        session.result = self.store(session.bucket, session.name, session.data, session.resource,
                                    session.query, session.content_type, self.header_hashes(request))
        session.data = bytearray()
        return self.masked(request, session.result)

    @staticmethod
    def parse_range(request):
        """(first byte, is the last piece)"""
        text = request.headers.get("Content-Range")
        if text is None:
            return 0, True
        match = re.fullmatch(r"bytes (?:(\d+)-(\d+|\*)|\*)/(\d+|\*)", text)
        if not match:
            raise Failure(400, f"bad Content-Range: {text}")
        first, last, total = match.groups()
        if first is None:
            return int(total) if total != "*" and not request.body else 0, True
        length = len(request.body)
        if last != "*" and not request.is_cut and int(last) - int(first) + 1 != length:
            raise Failure(400, f"Content-Range says otherwise than the body's {length} bytes")
        return int(first), last == "*" or (total != "*" and int(last) + 1 == int(total))

    def put_chunk(self, request, *_):
        with self.lock:
            session = self.session(request)
            if session.result:
                return self.masked(request, session.result)
            first, is_last = self.parse_range(request)
            body, held = request.body, len(session.data)
            if request.is_cut:  # what arrived is kept in whole pieces of 256 KiB
                is_last, body = False, body[:max(0, (first + len(body)) // CHUNK * CHUNK - first)]
            elif not is_last and len(body) % CHUNK:
                raise Failure(400, "Invalid request. The number of bytes uploaded is required to be a "
                              f"multiple of {CHUNK}, except for the final request. The received request "
                              f"contained {len(body)} bytes.")
            if first > held:
                raise Failure(503, "bytes before these are missing", "backendError")
            if first + len(body) > held:
                session.data += body[held - first:]
            if not is_last:
                return self.progress(session)
            return self.finish(request, session)

    def cancel_resumable(self, request, *_):
        with self.lock:
            self.session(request)
            del self.sessions[request.query["upload_id"]]
        return Response(499, b"")

    def stats(self):
        with self.lock:
            by_op = dict(self.counts["by_op"])
            priced = sum(count for op, count in by_op.items() if op in CLASS_A)
            read = sum(count for op, count in by_op.items() if op in CLASS_B)
            return dict(self.counts, class_a=priced, class_b=read,
                        free=sum(by_op.values()) - priced - read,
                        closest_writes_s=self.closest[0], closest_writes_of=self.closest[1])


def rfc3339():
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--folder")
    parser.add_argument("--bucket", action="append", default=[])
    options = parser.parse_args()
    serve(Storage(options.folder, options.bucket), options.port, options.host)
