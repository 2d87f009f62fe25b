// A running page child as the parent holds it: process, socket, arena.
//
// The life of a process: Start launches it; it ends, with its whole group, when the object ends or
// Kill is called, whatever it was doing. No zombie stays behind.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/result.h"
#include "wire/arena.h"

namespace gnosis {

// A process that a launcher started. The launch tells it from an earlier one with the same id.
struct LaunchedChild {
  pid_t pid = 0;
  uint64_t launch = 0;
};

// The seam to process creation. Thread-safe.
class ChildLauncher {
 public:
  virtual ~ChildLauncher() = default;
  // A process that leads a process group of its own, serves the pipe on these two descriptors (the
  // child's ends) and can read `languages`.
  virtual Result<LaunchedChild> Start(const FileDescriptor& socket, const FileDescriptor& arena,
                                      const std::vector<std::string>& languages) = 0;
  // Kills it with its whole group, unless it ended by itself, and waits for it: how it ended, as
  // waitpid says it; nothing when that is not known. No zombie stays behind.
  virtual std::optional<int> End(const LaunchedChild& child) = 0;
};

// "was killed by signal 9 (KILL)", "ended with exit code 12: it ran out of memory".
std::string DescribeWaitStatus(int wait_status);

class PageProcess {
 public:
  static Result<std::unique_ptr<PageProcess>> Start(ChildLauncher& launcher,
                                                    const std::vector<std::string>& languages);
  ~PageProcess();
  PageProcess(const PageProcess&) = delete;
  PageProcess& operator=(const PageProcess&) = delete;

  const FileDescriptor& socket() const { return socket_; }
  std::string_view arena() const { return mapped_->bytes(); }
  void EmptyArena() { gnosis::EmptyArena(arena_); }
  // Lives, and has said nothing that nobody asked for.
  bool IsQuiet() const;
  uint64_t ResidentBytes() const;  // 0 when unknown
  Milliseconds CpuTime() const;    // used so far; 0 when unknown
  // Ends it, if it did not end by itself, and says how it ended (DescribeWaitStatus).
  std::string Kill();
  // Once it was ended: it had ended by itself, because it had no more memory.
  bool RanOutOfMemory() const { return ran_out_of_memory_; }

 private:
  PageProcess(ChildLauncher& launcher, LaunchedChild child, FileDescriptor socket,
              FileDescriptor arena, std::unique_ptr<MappedArena> mapped);

  ChildLauncher& launcher_;
  LaunchedChild child_;
  bool ended_ = false;
  bool ran_out_of_memory_ = false;
  FileDescriptor socket_;
  FileDescriptor arena_;
  std::unique_ptr<MappedArena> mapped_;
};

}  // namespace gnosis
