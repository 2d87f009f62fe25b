#include "app/standard_output.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

namespace gnosis {
namespace {

constexpr int kAskEveryMs = 250;
// The amount that poll() guarantees not to block if the other end is a pipe.
constexpr size_t kPieceBytes = PIPE_BUF;

Error OutputError(int error_number) {
  Error error = ErrnoError(error_number, "standard output");
  if (error_number == EPIPE) error.code = ErrorCode::kGone;
  return error;
}

}  // namespace

void OccupyStandardStreams() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) >= 0 || errno != EBADF) continue;
    // open() returns the lowest free number: this one. The mode is such that writing fails.
    (void)!::open("/dev/null", fd == STDERR_FILENO ? O_WRONLY : O_RDONLY);
  }
}

Status StandardOutput::Write(std::string_view text) {
  while (!text.empty()) {
    RETURN_IF_ERROR(WaitUntilWritable());
    const ssize_t put = ::write(fd_, text.data(), std::min(text.size(), kPieceBytes));
    if (put >= 0) {
      text.remove_prefix(size_t(put));
    } else if (errno != EINTR && errno != EAGAIN) {
      return OutputError(errno);
    }
  }
  return Ok();
}

Status StandardOutput::WaitUntilWritable() {
  while (true) {
    pollfd wanted{.fd = fd_, .events = POLLOUT, .revents = 0};
    const int ready = ::poll(&wanted, 1, kAskEveryMs);
    if (ready > 0) return Ok();
    if (ready < 0 && errno != EINTR) return OutputError(errno);
    RETURN_IF_ERROR(keep_waiting_());
  }
}

Status StandardOutput::Finish() {
  struct stat info {};
  if (::fstat(fd_, &info) != 0) return OutputError(errno);
  if (!S_ISREG(info.st_mode) || ::fsync(fd_) == 0) return Ok();
  return OutputError(errno);
}

}  // namespace gnosis
