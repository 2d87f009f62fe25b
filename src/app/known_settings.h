// Every setting there is, with its standard value and what it means, in the order in which
// `gnosis-ocr config` prints them. What the values may be is checked in settings.cc.
#pragma once

namespace gnosis {

struct KnownSetting {
  const char* name;
  const char* standard;
  const char* meaning;
};
inline constexpr KnownSetting kKnownSettings[] = {
    {"GNOSIS_DATA_DIR", "", "where sessions live (~/.local/share/gnosis-ocr)"},
    {"HOST", "127.0.0.1", "address the service listens on; other than loopback wants API keys"},
    {"PORT", "7799", "port the service listens on; 0 takes any free one"},
    {"ALLOWED_HOSTS", "", "further names in the header Host, without keys: ocr.lan,ocr.lan:8080"},
    {"INSECURE_NO_AUTH", "false", "true: listen on any address without API keys"},
    {"LOG_LEVEL", "info", "debug, info, warning, error or off"},
    {"MAX_UPLOAD_BYTES", "500MB", "largest document that is accepted"},
    {"MAX_PAGES", "5000", "most pages of one document"},
    {"SESSION_TTL", "7d", "how long a job is kept after its submission; 0 keeps it for ever"},
    {"MAX_FILE_NAME_BYTES", "255", "longest name of a document"},
    {"MAX_IDEMPOTENCY_KEY_BYTES", "255", "longest Idempotency-Key"},
    {"MAX_JOBS_PER_OWNER", "1000", "most unfinished jobs of one owner"},
    {"MAX_QUEUED_PAGES_PER_OWNER", "50000", "most pages of one owner's unfinished jobs"},
    {"UPLOAD_TTL", "24h", "how long a resumable upload is kept after its creation"},
    {"MAX_UPLOADS_PER_OWNER", "100", "most unfinished resumable uploads of one owner"},
    {"MAX_EVENT_STREAMS_PER_OWNER", "1000", "most open event streams of one owner"},
    {"MAX_REQUESTS_PER_SECOND", "1000",
     "most requests of one owner, or of one address without key"},
    {"MAX_QUEUE_DEPTH", "20000", "most waiting tasks of all owners; more work is refused"},
    {"DISK_FLOOR", "256MB", "with less free disk no new work is taken; 0: a document has to fit"},
    {"MEMORY_FLOOR", "64MB", "with less free memory no new work is taken; 0 never looks"},
    {"MAX_CONNECTIONS", "10000", "most open connections; idle ones give way"},
    {"MAX_CONNECTIONS_PER_ADDRESS", "2000", "most open connections of one address"},
    {"MAX_HEADER_BYTES", "16KiB", "largest head of a request"},
    {"MAX_TARGET_BYTES", "8KiB", "longest path and query of a request"},
    {"HEADER_TIMEOUT", "15s", "longest time for the head of a request"},
    {"BODY_TIMEOUT", "60s", "longest pause in the body of a request or in taking an answer"},
    {"MIN_UPLOAD_RATE", "1000", "bytes per second that an upload has to reach on average"},
    {"KEEP_ALIVE_TIMEOUT", "60s", "how long an idle connection is kept"},
    {"LOCK_OUT_FAILURES", "10", "wrong API keys within LOCK_OUT_TIME that lock an address out"},
    {"LOCK_OUT_TIME", "60s", "how long an address stays locked out"},
    {"OCR_BATCH_SIZE", "10", "pages per task"},
    {"OCR_WORKERS", "0", "page workers; 0 is one per CPU of the quota"},
    {"OCR_CHAINS", "0", "batches of one document side by side; 0 is one per page worker"},
    {"PAGE_TIMEOUT", "120s", "longest time for one attempt at one page"},
    {"PAGE_CPU_TIMEOUT", "100s", "longest processor time for one attempt at one page"},
    {"OPEN_TIMEOUT", "30s", "longest time to open a document and count its pages"},
    {"PAGE_MEMORY", "4GiB", "address space of the process that reads a document"},
    {"MAX_PAGE_PIXELS", "100000000", "a larger page is read at a lower resolution"},
    {"MAX_PAGE_SIDE", "30000", "pixels; a longer page is read at a lower resolution"},
    {"MODEL_CACHE_PATH", "", "where *.traineddata is looked for besides the system's folders"},
    {"RUNNING_IN_CLOUD", "false",
     "true: Cloud Storage and Cloud Tasks instead of disk and threads"},
    {"CLOUD_TASKS_ENABLED", "true", "in the cloud; false: pages are read in this process"},
    {"IS_WORKER", "false", "true: answer the queue and nobody else"},
    {"WORKER_URL", "", "base URL of the worker service, and the audience of its tokens"},
    {"GOOGLE_CLOUD_PROJECT", "", "project of the queue"},
    {"CLOUD_TASKS_LOCATION", "us-central1", "region of the queue"},
    {"CLOUD_TASKS_QUEUE", "ocr-processing", "name of the queue"},
    {"GCS_BUCKET_NAME", "", "bucket that holds all state"},
    {"GCP_SERVICE_ACCOUNT", "", "e-mail of the account that the queue calls the worker as"},
    {"STORAGE_EMULATOR_HOST", "", "stand-in for Cloud Storage: host:port"},
    {"CLOUD_TASKS_EMULATOR_HOST", "", "stand-in for Cloud Tasks: host:port"},
    {"DISPATCH_DEADLINE", "10m", "how long the queue waits for a batch; 90s to 30m"},
    {"STALLED_AFTER", "5m", "in the cloud a job that nobody has touched so long is taken up again"},
    {"GOOGLE_KEYS_URL", "https://www.googleapis.com/oauth2/v3/certs",
     "keys that sign the queue's tokens"},
    {"OIDC_ISSUER", "", "whose bearer tokens users may send besides API keys"},
    {"OIDC_AUDIENCE", "", "for whom those tokens have to be made"},
    {"OIDC_KEYS_URL", "", "keys that sign those tokens (JWKS)"},
    {"IAP_AUDIENCE", "", "audience of Identity-Aware Proxy's header; empty: it is not believed"},
    {"IAP_KEYS_URL", "https://www.gstatic.com/iap/verify/public_key-jwk",
     "keys that sign that header"},
};

}  // namespace gnosis
