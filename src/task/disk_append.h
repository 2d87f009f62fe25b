// One append to the data file of a resumable upload on disk.
//
// The life of an append: opened at the file's end; every piece is written at once; Commit syncs it.
// A request that continues an upload whose append has been silent revokes that append, which from
// then on neither writes nor discards anything.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "task/partial_uploads.h"

namespace gnosis {

// SHA-1 or SHA-256 of a stream of bytes.
class Digest {
 public:
  explicit Digest(Checksum::Algorithm algorithm);
  ~Digest();
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;
  void Update(std::string_view bytes);
  std::string Finish();  // raw bytes; the object cannot be used afterwards

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

// Shared by an append and the code that may revoke it.
struct AppendState {
  std::mutex mutex;  // held while bytes are written
  bool revoked = false;
  Time heard_at{};  // of the last piece
};

struct AppendPlace {
  UploadKey key;
  std::string path;  // of the data file
  uint64_t offset_bytes = 0;
  uint64_t length_bytes = 0;
};

// With a checksum, the object UploadUnverifiedKey holds the offset from which bytes do not count;
// it exists from before the first of them is written until they are verified or removed.
Result<std::unique_ptr<UploadAppend>> StartDiskAppend(ObjectStore& store, Clock& clock,
                                                      AppendPlace place,
                                                      std::optional<Checksum> checksum,
                                                      std::shared_ptr<AppendState> state);
// Truncates the file to `size_bytes`, durably. kNotFound.
Status TruncateFile(const std::string& path, uint64_t size_bytes);

}  // namespace gnosis
