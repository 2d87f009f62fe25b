#include "page/page_socket.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace gnosis {
namespace {

// Room for one descriptor, aligned as the kernel wants it.
union Control {
  char bytes[CMSG_SPACE(sizeof(int))];
  cmsghdr align;
};

void Attach(msghdr& header, Control& control, int fd) {
  std::memset(&control, 0, sizeof(control));
  header.msg_control = control.bytes;
  header.msg_controllen = sizeof(control.bytes);
  cmsghdr* entry = CMSG_FIRSTHDR(&header);
  entry->cmsg_level = SOL_SOCKET;
  entry->cmsg_type = SCM_RIGHTS;
  entry->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(entry), &fd, sizeof(fd));
}

FileDescriptor TakeAttachment(msghdr& header) {
  const cmsghdr* entry = CMSG_FIRSTHDR(&header);
  if (entry == nullptr || entry->cmsg_level != SOL_SOCKET || entry->cmsg_type != SCM_RIGHTS ||
      entry->cmsg_len != CMSG_LEN(sizeof(int))) {
    return FileDescriptor();
  }
  int fd = -1;
  std::memcpy(&fd, CMSG_DATA(entry), sizeof(fd));
  return FileDescriptor(fd);
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
                         const FileDescriptor* attachment, SocketWait wait) {
  iovec part{const_cast<char*>(bytes.data()), bytes.size()};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  Control control;
  if (attachment != nullptr) Attach(header, control, attachment->get());
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
  // Without room for them the kernel closes descriptors that come along, and says MSG_CTRUNC.
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
  SocketMessage message{std::move(bytes), TakeAttachment(header)};
  message.bytes.resize(size_t(got));
  if ((header.msg_flags & MSG_TRUNC) != 0) {
    return Error{ErrorCode::kDamaged,
                 fmt::format("a message of more than {} bytes", kMaxMessageBytes), ""};
  }
  if ((header.msg_flags & MSG_CTRUNC) != 0) {
    return Error{ErrorCode::kDamaged, "a message with unasked-for descriptors", ""};
  }
  return std::optional(std::move(message));
}

}  // namespace gnosis
