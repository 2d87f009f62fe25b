// The memory shared by parent and child: a memfd of sealed size, so that neither side can make the
// other access memory beyond its end. Sparse: only pages that were written use memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/file.h"
#include "base/result.h"

namespace gnosis {

inline constexpr uint64_t kArenaBytes = uint64_t{192} << 20;  // sparse: only used parts take memory

// A memfd of kArenaBytes, close-on-exec, with the seals shrink, grow and seal.
Result<FileDescriptor> CreateArena();

// The arena mapped into this process, until the object is destroyed.
class MappedArena {
 public:
  enum class Access { kRead, kReadWrite };
  // kIo also if the arena has another size or can be resized.
  static Result<std::unique_ptr<MappedArena>> Map(const FileDescriptor& arena, Access access);
  ~MappedArena();
  MappedArena(const MappedArena&) = delete;
  MappedArena& operator=(const MappedArena&) = delete;

  // The other side may change it at any moment: copy before examining.
  std::string_view bytes() const;
  char* writable() { return static_cast<char*>(start_); }

 private:
  explicit MappedArena(void* start) : start_(start) {}
  void* start_;
};

// Returns the memory of everything written to the system; it then reads as zeros.
void EmptyArena(const FileDescriptor& arena);

}  // namespace gnosis
