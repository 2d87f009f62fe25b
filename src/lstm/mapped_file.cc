#include "lstm/mapped_file.h"

#include <sys/mman.h>

#include <cerrno>

#include "base/file.h"

namespace gnosis {

Result<MappedFile> MappedFile::Open(const std::filesystem::path& path) {
  ASSIGN_OR_RETURN(const FileDescriptor file, OpenForReading(path));
  ASSIGN_OR_RETURN(const uint64_t size, FileSize(file));
  MappedFile mapped;
  if (size == 0) return mapped;
  void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (address == MAP_FAILED) return ErrnoError(errno, "cannot map " + path.string());
  mapped.bytes_ = {static_cast<const char*>(address), size};
  return mapped;
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(const_cast<char*>(bytes_.data()), bytes_.size());
}

}  // namespace gnosis
