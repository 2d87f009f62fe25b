// One message over a SOCK_SEQPACKET socket: whole or not at all, with at most one descriptor.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/file.h"
#include "base/result.h"

namespace gnosis {

inline constexpr size_t kMaxMessageBytes = 2048;

// Both ends close-on-exec.
Result<std::pair<FileDescriptor, FileDescriptor>> CreateSocketPair();

struct SocketMessage {
  std::string bytes;  // empty: the other side hung up
  FileDescriptor attachment;
};

enum class SocketWait { kBlock, kDontBlock };
enum class Attachments { kRefuse, kTake };

// `attachment` may be null. kDontBlock: a full queue is kIo.
Status SendSocketMessage(const FileDescriptor& socket, std::string_view bytes,
                         const FileDescriptor* attachment, SocketWait wait);
// Nothing: no message yet (kDontBlock only). kDamaged: a message longer than kMaxMessageBytes or
// with descriptors that were not asked for, which are closed. kIo: the socket failed.
Result<std::optional<SocketMessage>> ReceiveSocketMessage(const FileDescriptor& socket,
                                                          Attachments attachments, SocketWait wait);

}  // namespace gnosis
