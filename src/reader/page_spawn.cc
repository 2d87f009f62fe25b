#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "reader/page_reader.h"
#include "reader/template_process.h"
#include "wire/child_program.h"

namespace gnosis {
namespace {

// Above the descriptors that the child will have, so that moving one to its place cannot overwrite
// the other.
Result<FileDescriptor> DuplicateHigh(const FileDescriptor& file) {
  const int fd = ::fcntl(file.get(), F_DUPFD_CLOEXEC, kTemplateSocket + 1);
  if (fd < 0) return ErrnoError(errno, "cannot duplicate a file descriptor");
  return FileDescriptor(fd);
}

// Done in the process before exec: keeps only descriptors 0 1 2 3.
class FileActions {
 public:
  explicit FileActions(int socket) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions_, socket, kTemplateSocket);
    ::posix_spawn_file_actions_addclosefrom_np(&actions_, kTemplateSocket + 1);
  }
  ~FileActions() { ::posix_spawn_file_actions_destroy(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

// Its own process group; no signal blocked or ignored, whatever the server does.
class SpawnAttributes {
 public:
  SpawnAttributes() {
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    ::posix_spawnattr_init(&attributes_);
    ::posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
  }
  ~SpawnAttributes() { ::posix_spawnattr_destroy(&attributes_); }
  SpawnAttributes(const SpawnAttributes&) = delete;
  SpawnAttributes& operator=(const SpawnAttributes&) = delete;
  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_;
};

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& string : strings) pointers.push_back(string.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> Environment() {
  const char* path = std::getenv("PATH");
  // Tesseract's threads cost more than they save on a single page, and there are many workers
  // already.
  return {"OMP_THREAD_LIMIT=1", "LC_ALL=C.UTF-8",
          fmt::format("PATH={}", path == nullptr ? "/usr/bin:/bin" : path)};
}

// The longest time for a child that opens its document and processes as many pages as it may, each
// as slowly as it may.
uint64_t MostCpuSeconds(const ChildOptions& options) {
  const Milliseconds most =
      options.open_timeout + options.page_cpu_timeout * int64_t{options.max_pages};
  return uint64_t(std::chrono::ceil<Seconds>(most).count());
}

std::vector<std::string> CommandLine(const ChildOptions& options) {
  std::vector<std::string> line =
      ChildArgumentList({.model_folders = options.model_folders,
                         .max_pages = options.max_pages_per_document,
                         .max_page_pixels = options.max_page_pixels,
                         .max_side_pixels = options.max_side_pixels,
                         .max_address_space_bytes = options.max_address_space_bytes,
                         .max_cpu_seconds = MostCpuSeconds(options)});
  line.insert(line.begin(), options.program.string());
  return line;
}

}  // namespace

Result<pid_t> SpawnPageProgram(const ChildOptions& options, const FileDescriptor& socket) {
  ASSIGN_OR_RETURN(const FileDescriptor high_socket, DuplicateHigh(socket));
  const FileActions actions(high_socket.get());
  const SpawnAttributes attributes;
  std::vector<std::string> line = CommandLine(options);
  std::vector<std::string> environment = Environment();
  pid_t pid = 0;
  const int error = ::posix_spawn(&pid, options.program.c_str(), actions.get(), attributes.get(),
                                  Pointers(line).data(), Pointers(environment).data());
  if (error != 0) {
    return Error{ErrorCode::kIo,
                 fmt::format("cannot start {}: {}", options.program.string(), std::strerror(error)),
                 "gnosis-ocr-page must be in the same folder as gnosis-ocr"};
  }
  return pid;
}

}  // namespace gnosis
