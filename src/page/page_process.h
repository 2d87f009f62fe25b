// A running page child as the parent holds it: process, socket, arena.
//
// The life of a process: Start launches it; it ends, with its whole group, when the object ends or
// Kill is called, whatever it was doing. No zombie stays behind.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/result.h"
#include "page/page_arena.h"
#include "page/page_reader.h"

namespace gnosis {

// The seam to process creation: starts a child of this process that leads a process group of its
// own and serves the pipe on these two descriptors (the child's ends), and returns its id.
using ChildLauncher =
    std::function<Result<pid_t>(const FileDescriptor& socket, const FileDescriptor& arena)>;

// Runs `options.program`. Safe in a program with threads: posix_spawn, no code between fork and
// exec. The child inherits standard error and nothing else, and an environment of three variables.
ChildLauncher ProgramLauncher(const ChildOptions& options);

// "was killed by signal 9 (KILL)", "ended with exit code 12: it ran out of memory".
std::string DescribeWaitStatus(int wait_status);

class PageProcess {
 public:
  static Result<std::unique_ptr<PageProcess>> Start(const ChildLauncher& launch);
  ~PageProcess();
  PageProcess(const PageProcess&) = delete;
  PageProcess& operator=(const PageProcess&) = delete;

  const FileDescriptor& socket() const { return socket_; }
  std::string_view arena() const { return mapped_->bytes(); }
  void EmptyArena() { gnosis::EmptyArena(arena_); }
  // Lives, and has said nothing that nobody asked for.
  bool IsQuiet() const;
  uint64_t ResidentBytes() const;  // 0 when unknown
  // Ends it, if it did not end by itself, and says how it ended (DescribeWaitStatus).
  std::string Kill();

 private:
  PageProcess(pid_t pid, FileDescriptor socket, FileDescriptor arena,
              std::unique_ptr<MappedArena> mapped);

  pid_t pid_;  // 0 once it was waited for
  FileDescriptor socket_;
  FileDescriptor arena_;
  std::unique_ptr<MappedArena> mapped_;
};

}  // namespace gnosis
