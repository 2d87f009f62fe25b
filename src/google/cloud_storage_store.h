// Objects in a bucket of Cloud Storage, over its JSON API.
//
// An object's generation is the one that Cloud Storage gives it. The life of a write: its turn is
// taken (one write a second to one name) -> sent with `ifGenerationMatch` and a write id of its own
// in the object's custom metadata -> answered; or broken and sent again. A 412 after a broken
// attempt is looked into: the object bears our write id when it was ours that came through.
// What is larger than one buffer goes up in a resumable session, a buffer at a time; where that is
// cut, the session says how much it has. CRC-32C is sent with, or checked after, every write and
// checked after every read. docs/adr/0010 says why.
//
// Errors, besides the seam's: kInvalidArgument (no such bucket), kPermission (and which role is
// missing), kUnavailable (retried already), kTimeout and kInterrupted.
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
  uint64_t max_read_bytes = uint64_t{512} << 20;    // by Read: what is larger is for Open
  std::filesystem::path temporary_folder = "/tmp";  // for Open
  std::stop_token stop;                             // ends calls with kInterrupted
};

// What Cloud Storage knows of an object besides its bytes.
struct ObjectDetails {
  uint64_t size_bytes = 0;
  Generation generation = kAbsent;
  std::string content_type;
  std::string crc32c;    // base64, as Crc32cBase64 writes it
  std::string md5;       // base64; "" of composed objects
  std::string write_id;  // "" of an object that something else wrote
};

// An upload that somebody else, a browser for instance, sends to the bucket.
struct DirectUpload {
  std::string key;
  std::string content_type;
  uint64_t size_bytes = 0;  // the session takes exactly so many; 0: not known yet, for our own
  IfGeneration if_generation = kAbsent;
  std::string origin;  // of the page that will send it ("https://ocr.example"); "" is no browser
};

// Requests sent so far, by price (Cloud Storage's operation classes), failed ones included.
struct CloudStorageCounts {
  uint64_t class_a = 0;  // writes, starts of resumable uploads, pages of listings
  uint64_t class_b = 0;  // reads
  uint64_t free = 0;     // deletes, and the pieces of resumable uploads
};

class CloudStorageStore : public ObjectStore {
 public:
  // The session's URI: whoever has it may upload this object for a week. Never log it.
  // kInvalidArgument without a size: a stranger could send any number of bytes.
  virtual Result<std::string> StartResumableUpload(const DirectUpload& upload) = 0;
  virtual Result<ObjectDetails> Details(const std::string& key) = 0;
  virtual CloudStorageCounts counts() const = 0;
};

// `http` and `tokens` must outlive the store. Keys as for the disk store.
std::unique_ptr<CloudStorageStore> NewCloudStorageStore(CloudStorageOptions options,
                                                        HttpClient& http, TokenSource& tokens);

}  // namespace gnosis
