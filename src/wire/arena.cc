#include "wire/arena.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

namespace gnosis {
namespace {

constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

Status CheckArena(const FileDescriptor& arena) {
  ASSIGN_OR_RETURN(const uint64_t size, FileSize(arena));
  if (size != kArenaBytes) return Error{ErrorCode::kIo, "the arena has the wrong size", ""};
  const int seals = ::fcntl(arena.get(), F_GET_SEALS);
  if (seals < 0 || (seals & kSeals) != kSeals) {
    return Error{ErrorCode::kIo, "the arena is not sealed", ""};
  }
  return Ok();
}

}  // namespace

Result<FileDescriptor> CreateArena() {
  FileDescriptor arena(::memfd_create("gnosis-page-arena", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!arena.valid()) return ErrnoError(errno, "cannot create the arena");
  if (::ftruncate(arena.get(), off_t(kArenaBytes)) != 0) {
    return ErrnoError(errno, "cannot size the arena");
  }
  if (::fcntl(arena.get(), F_ADD_SEALS, kSeals) != 0) {
    return ErrnoError(errno, "cannot seal the arena");
  }
  return arena;
}

Result<std::unique_ptr<MappedArena>> MappedArena::Map(const FileDescriptor& arena, Access access) {
  RETURN_IF_ERROR(CheckArena(arena));
  const int protection = access == Access::kRead ? PROT_READ : PROT_READ | PROT_WRITE;
  void* start = ::mmap(nullptr, kArenaBytes, protection, MAP_SHARED, arena.get(), 0);
  if (start == MAP_FAILED) return ErrnoError(errno, "cannot map the arena");
  return std::unique_ptr<MappedArena>(new MappedArena(start));
}

MappedArena::~MappedArena() { ::munmap(start_, kArenaBytes); }

std::string_view MappedArena::bytes() const {
  return {static_cast<const char*>(start_), kArenaBytes};
}

void EmptyArena(const FileDescriptor& arena) {
  // If punching holes is not supported (an old gVisor), the next page simply overwrites this one.
  (void)::fallocate(arena.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, off_t(kArenaBytes));
}

}  // namespace gnosis
