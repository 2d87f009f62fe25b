// The interface to durable storage: named objects with generations, on disk or in a bucket.
//
// The life of an object: created by a write (generation becomes non-zero), replaced by further
// writes (a new generation each), deleted (generation 0 again). A write is atomic: a reader sees
// the old bytes or the new ones, and a write that returned ok survives a power loss. Conditional
// writes are compare-and-set on the generation. Folders are only a naming convention ('/' in keys).
//
// Errors: kNotFound, kPreconditionFailed, kDiskFull, kPermission, kIo, kUnavailable (retried
// already; a bucket only). All calls may come from any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/result.h"

namespace gnosis {

using Generation = int64_t;
inline constexpr Generation kAbsent = 0;  // the generation of an object that does not exist

// A write happens only if the object's generation is this one; nullopt writes unconditionally.
using IfGeneration = std::optional<Generation>;
inline constexpr IfGeneration kAnyGeneration = std::nullopt;

struct Object {
  std::string bytes;
  Generation generation = kAbsent;
};

struct ObjectInfo {
  uint64_t size_bytes = 0;
  Generation generation = kAbsent;
};

// An object being written piece by piece. Nothing is visible until Commit() returned ok; destroyed
// without Commit() it leaves nothing behind.
class ObjectWriter {
 public:
  virtual ~ObjectWriter() = default;
  virtual Status Append(std::string_view bytes) = 0;
  virtual Result<Generation> Commit() = 0;
};

class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  virtual Result<Object> Read(const std::string& key) = 0;
  virtual Result<ObjectInfo> Stat(const std::string& key) = 0;
  // A descriptor for reading the bytes; it keeps working when the object is deleted.
  virtual Result<FileDescriptor> Open(const std::string& key) = 0;

  virtual Result<Generation> Write(const std::string& key, std::string_view bytes,
                                   IfGeneration if_generation) = 0;
  virtual Result<std::unique_ptr<ObjectWriter>> StartWrite(const std::string& key,
                                                           IfGeneration if_generation) = 0;

  // Keys that start with `prefix` and have no further '/' after it, sorted.
  virtual Result<std::vector<std::string>> List(const std::string& prefix) = 0;
  // The folders directly under `folder` (which ends in '/'), each with its full path and a final
  // '/', sorted.
  virtual Result<std::vector<std::string>> ListFolders(const std::string& folder) = 0;
  // The bytes of every object under `folder` (which ends in '/'), however deep; objects being
  // written or deleted at the moment may or may not count.
  virtual Result<uint64_t> SizeOf(const std::string& folder) = 0;

  // Deleting an absent object is ok (unless a generation other than kAbsent is required).
  virtual Status Delete(const std::string& key, IfGeneration if_generation) = 0;
  // Every object under `folder` (which ends in '/'), however deep.
  virtual Status DeleteFolder(const std::string& folder) = 0;
};

}  // namespace gnosis
