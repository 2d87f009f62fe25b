// Messages over a SOCK_SEQPACKET socket: each arrives whole or not at all, with at most two
// descriptors.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/result.h"

namespace gnosis {

inline constexpr size_t kMaxMessageBytes = 2048;
inline constexpr size_t kMaxAttachments = 2;

// Both ends close-on-exec.
Result<std::pair<FileDescriptor, FileDescriptor>> CreateSocketPair();

struct SocketMessage {
  std::string bytes;  // empty: the other side closed the socket
  std::vector<FileDescriptor> attachments;
};

enum class SocketWait { kBlock, kDontBlock };
enum class Attachments { kRefuse, kTake };

// At most kMaxAttachments, which the caller keeps. kDontBlock: a full queue is kIo.
Status SendSocketMessage(const FileDescriptor& socket, std::string_view bytes,
                         const std::vector<int>& attachments, SocketWait wait);
// Nothing: no message yet (kDontBlock only). kDamaged: a message longer than kMaxMessageBytes or
// with unexpected descriptors, which are closed. kIo: the socket failed.
Result<std::optional<SocketMessage>> ReceiveSocketMessage(const FileDescriptor& socket,
                                                          Attachments attachments, SocketWait wait);

// Allowed in a sealed child: uses read and write, without descriptors, blocking. "": the other side
// closed the socket.
Result<std::string> ReadSocketMessage(const FileDescriptor& socket);
Status WriteSocketMessage(const FileDescriptor& socket, std::string_view bytes);

}  // namespace gnosis
