// The files that a sealed child may still open: fonts, character maps and models. Which of them it
// needs depends on the document.
//
// Lifecycle: Open() in the template, while files can be opened; AnswerOpens() in the child right
// before the seal. From then on the kernel traps every system call that names a file (seccomp's
// TRAP), and a signal handler answers it from the table: any name that is not in it does not exist.
// All the handler can do is return a descriptor, so bypassing it gains nothing.
//
// Descriptors in the table and those it returns are kFirstTableFile or above. They share their
// position with every other child of the template, so the handler also answers read and lseek on
// them, using pread and its own position.
//
// Rejected: Landlock with readable folders. It does not exist in gVisor, where a table would be
// needed anyway; and one mechanism is better than two.
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
  // Files that cannot be opened are left out. kIo if there are more than this process may open.
  static Result<std::unique_ptr<FileTable>> Open(std::vector<std::string> paths);

  // One signal handler serves the whole process: call it once, on a table that is never destroyed.
  Status AnswerOpens();

  size_t size() const { return entries_.size(); }
  // The highest number of descriptors that the child may have open; none is above it.
  int descriptor_limit() const { return int(positions_.size()); }

  // For the handler: like the system calls of these names; errors are returned as -errno.
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
