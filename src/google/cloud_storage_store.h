// Objects in a bucket of Cloud Storage, over its JSON API.
//
// An object's generation is the one that Cloud Storage assigns. The life of a write: it waits for
// its turn (one write a second to one name) -> sent with `ifGenerationMatch` and a write id of its
// own in the object's custom metadata -> answered; or broken (google_api.h) and sent again. A 412
// after a broken attempt is checked: if the object has our write id, our write succeeded. Objects
// larger than one buffer are uploaded in a resumable session, a buffer at a time; after an
// interruption the session reports how much it has. CRC-32C is sent with, or checked after, every
// write and checked after every read. docs/adr/0010 says why.
//
// Errors, besides those of ObjectStore: kInvalidArgument (no such bucket), kPermission (naming the
// missing role), kUnavailable (already retried), kTimeout and kInterrupted.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "google/token_source.h"
#include "net/http_client.h"
#include "net/retry.h"
#include "session/object_store.h"

namespace gnosis {

struct CloudStorageOptions {
  std::string bucket;
  std::string endpoint = "https://storage.googleapis.com";  // of an emulator: "http://host:port"
  RetryPolicy retry;
  Timing timing;
  Milliseconds write_interval{1'000};  // between two writes of one object
  // The largest object sent in one request, and the piece of a larger one: n x 256 KiB.
  uint64_t buffer_bytes = uint64_t{8} << 20;
  uint64_t max_read_bytes = uint64_t{512} << 20;    // by Read: larger objects need Open
  std::filesystem::path temporary_folder = "/tmp";  // for Open
  std::stop_token stop;                             // ends calls with kInterrupted
};

// What Cloud Storage stores about an object besides its bytes.
struct ObjectDetails {
  uint64_t size_bytes = 0;
  Generation generation = kAbsent;
  std::string content_type;
  std::string crc32c;    // base64, as Crc32cBase64 writes it
  std::string md5;       // base64; "" for composed objects
  std::string write_id;  // "" for an object that another program wrote
};

// An upload that another program, for instance a browser, sends to the bucket.
struct DirectUpload {
  std::string key;
  std::string content_type;
  uint64_t size_bytes = 0;  // the session accepts exactly this many; 0: not yet known, for our own
  IfGeneration if_generation = kAbsent;
  std::string origin;  // of the page that will send it ("https://ocr.example"); "" if not a browser
};

// Requests sent so far, by price (Cloud Storage's operation classes), failed ones included.
struct CloudStorageCounts {
  uint64_t class_a = 0;  // writes, starts of resumable uploads, pages of listings
  uint64_t class_b = 0;  // reads
  uint64_t free = 0;     // deletes, and the pieces of resumable uploads
};

class CloudStorageStore : public ObjectStore {
 public:
  // The session's URI: anyone who has it can upload this object for a week. Never log it.
  // kInvalidArgument without a size: otherwise any number of bytes could be sent.
  virtual Result<std::string> StartResumableUpload(const DirectUpload& upload) = 0;
  virtual Result<ObjectDetails> Details(const std::string& key) = 0;
  virtual CloudStorageCounts counts() const = 0;
};

// `http` and `tokens` must outlive the store. Keys as for the disk store.
std::unique_ptr<CloudStorageStore> NewCloudStorageStore(CloudStorageOptions options,
                                                        HttpClient& http, TokenSource& tokens);

}  // namespace gnosis
