// The files that a sealed child may still open: fonts, character maps and models. Which of them it
// needs only the document tells.
//
// The life of a table: Open() in the template, while files can be opened; AnswerOpens() in the
// child right before the seal. From then on the kernel stops at every call that names a file
// (seccomp's TRAP), and a signal handler answers it from the table: a name that is not in it does
// not exist. Handing out a descriptor is all the handler can do, so whoever goes around it gains
// nothing.
//
// Descriptors of the table and those handed out are kFirstTableFile or above. They share their
// position with every other child of the template, so that the handler also answers read and lseek
// on them, with pread and a position of its own.
//
// Rejected: Landlock with readable folders. It does not exist in gVisor, where a table would be
// needed all the same; and one way is better than two.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"

namespace gnosis {

inline constexpr int kFirstTableFile = 64;

class FileTable {
 public:
  // Files that cannot be opened are left out. kIo when there are more than this process may open.
  static Result<std::unique_ptr<FileTable>> Open(std::vector<std::string> paths);

  // One signal handler serves the whole process: call it once, on a table that never ends.
  Status AnswerOpens();

  size_t size() const { return entries_.size(); }
  // No descriptor is above it; what the child may have open at most.
  int descriptor_limit() const { return int(positions_.size()); }

  // For the handler: as the system calls of these names, an error is -errno.
  long OpenFile(const char* path, int flags) const;
  long Describe(const char* path, void* kernel_stat) const;
  long Access(const char* path, int mode) const;
  long ReadFile(int file, void* to, size_t size_bytes);
  long Seek(int file, off_t offset, int whence);

 private:
  struct Entry {
    std::string path;
    FileDescriptor file;
    bool writable = false;
  };
  FileTable(std::vector<Entry> entries, int descriptor_limit);
  const Entry* Find(const char* path) const;
  bool IsTableFile(int file) const { return file >= kFirstTableFile && file < descriptor_limit(); }

  std::vector<Entry> entries_;            // by path
  mutable std::vector<off_t> positions_;  // of the descriptors handed out, by descriptor
};

}  // namespace gnosis
