// The memory that parent and child share: a memfd whose size is sealed, so that neither side can
// make the other stumble over its end. Sparse: only what was written takes memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/file.h"
#include "base/result.h"

namespace gnosis {

inline constexpr uint64_t kArenaBytes = uint64_t{192} << 20;  // sparse: only what is used is there

// Of kArenaBytes, close-on-exec, seals: shrink, grow, seal.
Result<FileDescriptor> CreateArena();

// The arena in this process's memory, until the object ends.
class MappedArena {
 public:
  enum class Access { kRead, kReadWrite };
  // kIo also when the arena has another size or can be resized.
  static Result<std::unique_ptr<MappedArena>> Map(const FileDescriptor& arena, Access access);
  ~MappedArena();
  MappedArena(const MappedArena&) = delete;
  MappedArena& operator=(const MappedArena&) = delete;

  // The other side may change it at any moment: copy first, then look.
  std::string_view bytes() const;
  char* writable() { return static_cast<char*>(start_); }

 private:
  explicit MappedArena(void* start) : start_(start) {}
  void* start_;
};

// Gives the memory of everything written back to the system; reads as zeros afterwards.
void EmptyArena(const FileDescriptor& arena);

}  // namespace gnosis
