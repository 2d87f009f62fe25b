#include "wire/message_socket.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace gnosis {
namespace {

// Space for the descriptors, aligned as the kernel requires.
union Control {
  char bytes[CMSG_SPACE(kMaxAttachments * sizeof(int))];
  cmsghdr align;
};

void Attach(msghdr& header, Control& control, const std::vector<int>& files) {
  const size_t size_bytes = files.size() * sizeof(int);
  std::memset(&control, 0, sizeof(control));
  header.msg_control = control.bytes;
  header.msg_controllen = CMSG_SPACE(size_bytes);
  cmsghdr* entry = CMSG_FIRSTHDR(&header);
  entry->cmsg_level = SOL_SOCKET;
  entry->cmsg_type = SCM_RIGHTS;
  entry->cmsg_len = CMSG_LEN(size_bytes);
  std::memcpy(CMSG_DATA(entry), files.data(), size_bytes);
}

std::vector<FileDescriptor> TakeAttachments(msghdr& header) {
  std::vector<FileDescriptor> taken;
  const cmsghdr* entry = CMSG_FIRSTHDR(&header);
  if (entry == nullptr || entry->cmsg_level != SOL_SOCKET || entry->cmsg_type != SCM_RIGHTS) {
    return taken;
  }
  const size_t count = (entry->cmsg_len - CMSG_LEN(0)) / sizeof(int);
  for (size_t i = 0; i < count; ++i) {
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(entry) + i * sizeof(fd), sizeof(fd));
    taken.emplace_back(fd);
  }
  return taken;
}

int WaitFlags(SocketWait wait) { return wait == SocketWait::kDontBlock ? MSG_DONTWAIT : 0; }

bool IsNothingYet(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

}  // namespace

Result<std::pair<FileDescriptor, FileDescriptor>> CreateSocketPair() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    return ErrnoError(errno, "cannot create a socket pair");
  }
  return std::pair(FileDescriptor(ends[0]), FileDescriptor(ends[1]));
}

Status SendSocketMessage(const FileDescriptor& socket, std::string_view bytes,
                         const std::vector<int>& attachments, SocketWait wait) {
  GNOSIS_CHECK(attachments.size() <= kMaxAttachments);
  iovec part{const_cast<char*>(bytes.data()), bytes.size()};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  Control control;
  if (!attachments.empty()) Attach(header, control, attachments);
  ssize_t sent;
  do {
    sent = ::sendmsg(socket.get(), &header, MSG_NOSIGNAL | WaitFlags(wait));
  } while (sent < 0 && errno == EINTR);
  if (sent < 0) return Error{ErrorCode::kIo, std::strerror(errno), ""};
  return Ok();
}

Result<std::optional<SocketMessage>> ReceiveSocketMessage(const FileDescriptor& socket,
                                                          Attachments attachments,
                                                          SocketWait wait) {
  std::string bytes(kMaxMessageBytes, '\0');
  iovec part{bytes.data(), bytes.size()};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  Control control{};
  // Without space for descriptors the kernel closes any that arrive, and sets MSG_CTRUNC.
  if (attachments == Attachments::kTake) {
    header.msg_control = control.bytes;
    header.msg_controllen = sizeof(control.bytes);
  }
  ssize_t got;
  do {
    got = ::recvmsg(socket.get(), &header, MSG_CMSG_CLOEXEC | WaitFlags(wait));
  } while (got < 0 && errno == EINTR);
  if (got < 0 && IsNothingYet(errno)) return std::optional<SocketMessage>();
  if (got < 0 && errno == ECONNRESET) return std::optional(SocketMessage{});
  if (got < 0) return Error{ErrorCode::kIo, std::strerror(errno), ""};
  SocketMessage message{std::move(bytes), TakeAttachments(header)};
  message.bytes.resize(size_t(got));
  if ((header.msg_flags & MSG_TRUNC) != 0) {
    return Error{ErrorCode::kDamaged,
                 fmt::format("a message of more than {} bytes", kMaxMessageBytes), ""};
  }
  if ((header.msg_flags & MSG_CTRUNC) != 0) {
    return Error{ErrorCode::kDamaged, "a message with unexpected descriptors", ""};
  }
  return std::optional(std::move(message));
}

Result<std::string> ReadSocketMessage(const FileDescriptor& socket) {
  std::string bytes(kMaxMessageBytes, '\0');
  ssize_t got;
  do {
    got = ::read(socket.get(), bytes.data(), bytes.size());
  } while (got < 0 && errno == EINTR);
  if (got < 0) return Error{ErrorCode::kIo, std::strerror(errno), ""};
  bytes.resize(size_t(got));
  return bytes;
}

Status WriteSocketMessage(const FileDescriptor& socket, std::string_view bytes) {
  ssize_t written;
  do {
    written = ::write(socket.get(), bytes.data(), bytes.size());
  } while (written < 0 && errno == EINTR);
  if (written < 0) return Error{ErrorCode::kIo, std::strerror(errno), ""};
  return Ok();
}

}  // namespace gnosis
