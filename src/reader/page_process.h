// The parent's view of a running page child: process, socket, arena.
//
// Lifecycle: Start launches the process; it ends, together with its process group, when the object
// is destroyed or Kill is called, whatever it is doing. No zombie remains.
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

// A process that a launcher started. `launch` distinguishes it from an earlier one with the same
// id.
struct LaunchedChild {
  pid_t pid = 0;
  uint64_t launch = 0;
};

// The interface for process creation. Thread-safe.
class ChildLauncher {
 public:
  virtual ~ChildLauncher() = default;
  // Starts a process that leads its own process group, serves the pipe on these two descriptors
  // (the child's ends) and is ready for `languages`.
  virtual Result<LaunchedChild> Start(const FileDescriptor& socket, const FileDescriptor& arena,
                                      const std::vector<std::string>& languages) = 0;
  // Kills it with its whole group, unless it has already ended, and waits for it. Returns its
  // waitpid status; nothing if that is unknown. No zombie remains.
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
  // It is running, and has sent nothing unexpected.
  bool IsQuiet() const;
  uint64_t ResidentBytes() const;  // 0 if unknown
  Milliseconds CpuTime() const;    // used so far; 0 if unknown
  // Ends it, unless it has already ended, and returns how it ended (DescribeWaitStatus).
  std::string Kill();
  // After it has ended: whether it ended by itself because it ran out of memory.
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
