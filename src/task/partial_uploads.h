// Large documents uploaded piece by piece, across interruptions, reloads and crashes (tus 1.0.0).
//
// The life of an upload: created with its length; grows by appends, one at a time; complete when
// its offset is its length; then it becomes a job and its bytes are removed (Finish), or it
// expires. Its outcome is remembered for a while after its bytes are gone.
//
// The offset is never stored: it is the number of bytes, even after a crash. Bytes that came with a
// checksum count only once they have been verified.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.h"
#include "base/file.h"
#include "base/result.h"
#include "session/keys.h"
#include "session/object_store.h"

namespace gnosis {

struct PartialUploadOptions {
  Seconds ttl{24 * 3600};   // UPLOAD_TTL, from creation
  int max_per_owner = 100;  // MAX_UPLOADS_PER_OWNER: unfinished ones
};

struct PartialUpload {
  UploadKey key;
  std::string owner;  // e-mail
  uint64_t length_bytes = 0;
  uint64_t offset_bytes = 0;  // where the next byte goes
  std::string file_name;      // "": not given
  std::string metadata;       // Upload-Metadata as received
  Time created_at{};
  Time expires_at{};
  std::optional<std::string> job_id;  // the job it became; the bytes are gone
  // Where the bytes are to be sent instead of here: a secret, returned only once, by Create. "":
  // here.
  std::string direct_url;
};

struct UploadWish {
  std::string owner;
  uint64_t length_bytes = 0;
  std::string file_name;
  std::string metadata;
  std::string origin;  // of the page that sends the bytes; "" if not a browser
};

struct Checksum {
  enum class Algorithm { kSha1, kSha256 };
  Algorithm algorithm = Algorithm::kSha1;
  std::string digest;  // 20 or 32 bytes
};

// One append in progress.
class UploadAppend {
 public:
  // Without Commit the bytes stay, unless they came with a checksum: then they are removed.
  virtual ~UploadAppend() = default;
  // kTooLarge: more than the upload's length. kInterrupted: the upload was deleted, or another
  // request has taken over because this one had been silent. kDiskFull, kIo.
  virtual Status Append(std::string_view bytes) = 0;
  // The new offset; the bytes before it survive a power loss. kDamaged: the checksum does not
  // match, and the bytes are removed.
  virtual Result<uint64_t> Commit() = 0;
};

class PartialUploads {
 public:
  virtual ~PartialUploads() = default;
  // Whether the bytes bypass this program: Create returns where they go, StartAppend is refused.
  virtual bool IsDirect() const { return false; }
  // kTooManyRequests: the owner has too many unfinished ones.
  virtual Result<PartialUpload> Create(const UploadWish& wish) = 0;
  // kNotFound, also for another owner's upload; kGone: expired.
  virtual Result<PartialUpload> Find(const std::string& owner, std::string_view upload_id) = 0;
  // `offset_bytes` is where the caller believes the next byte goes.
  enum class Refusal { kWrongOffset, kBusy };
  virtual Result<std::variant<std::unique_ptr<UploadAppend>, Refusal>> StartAppend(
      const PartialUpload& upload, uint64_t offset_bytes,
      const std::optional<Checksum>& checksum) = 0;
  // The bytes, from the start.
  virtual Result<FileDescriptor> Open(const PartialUpload& upload) = 0;
  // It became a job: the bytes are removed, the job's id is remembered.
  virtual Status Finish(const PartialUpload& upload, const std::string& job_id) = 0;
  // Including everything remembered about it.
  virtual Status Remove(const PartialUpload& upload) = 0;
  // Removes the bytes of expired uploads, and forgets uploads that ended a week ago. Returns how
  // many expired.
  virtual Result<int> Sweep() = 0;
};

// Below `root`, the folder of `store`: uploads/{user_hash}/{upload_id}/ with upload.json and data,
// the bytes as received. One process at a time. `store` and `clock` must outlive it.
std::unique_ptr<PartialUploads> NewDiskPartialUploads(const std::filesystem::path& root,
                                                      ObjectStore& store, Clock& clock,
                                                      PartialUploadOptions options);

// upload.json, and back; Decode does not set offset_bytes. kDamaged.
std::string EncodePartialUpload(const PartialUpload& upload);
Result<PartialUpload> DecodePartialUpload(std::string_view bytes);

}  // namespace gnosis
