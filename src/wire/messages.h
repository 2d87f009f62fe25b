// The pipe between parent and child: fixed-size, versioned messages over a SOCK_SEQPACKET socket
// pair; files and words are passed in an arena, one sealed memfd per child that both sides map.
//
// A conversation: the child starts (reader/page_template.h) with one end of the socket and the
// arena, standard streams on /dev/null, as leader of its own process group. The parent sends kOpen
// with the document's descriptor attached (SCM_RIGHTS), once: a child never sees a second document.
// The child seals itself (child/seal.h) and answers kSealed, or, if it cannot, answers kFailed and
// exits; only then does it look at the document and answer kOpened or kFailed. The parent sends
// kRead; the child answers kPage (the arena holds its parts) or kFailed. The parent closes the
// socket to end the conversation.
//
// The parent trusts nothing (reader/page_reply.h): it copies the parts out of the arena, then
// checks magic, version, type, sequence number, every length, count, coordinate and string. Any
// violation is kChildDied ("the page child broke the protocol: ...").
//
// Encoding: messages are structs without padding, sent as they are in memory (both programs are
// built together, for one machine). The words of a page are passed in the arena as four tables and
// a heap of text:
//
//   WireCounts | WireBlock... | WireParagraph... | WireLine... | WireWord... | text
//
// Each record gives the number of its records in the next table; a word, its number of text bytes.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/result.h"
#include "page/page_text.h"

namespace gnosis {

inline constexpr uint32_t kPipeMagic = 0x474E4F53;  // "GNOS"
inline constexpr uint32_t kPipeVersion = 4;
inline constexpr size_t kMaxPasswordBytes = 255;
inline constexpr size_t kMaxLanguageBytes = 255;
inline constexpr size_t kMaxOptionsBytes = 1023;
inline constexpr size_t kMaxReasonBytes = 511;

enum class WireType : uint32_t {
  kOpen = 1,
  kRead = 2,
  kOpened = 3,
  kPage = 4,
  kFailed = 5,
  kSealed = 6,
  // Between parent and template (reader/page_template.h).
  kFork = 7,
  kForked = 8,
  kEnd = 9,
  kEnded = 10,
  kPrepare = 11,
  kPrepared = 12,
};

struct WireHeader {
  uint32_t magic = kPipeMagic;
  uint32_t version = kPipeVersion;
  WireType type = WireType::kOpen;
  uint32_t sequence = 0;  // an answer repeats that of its request
};

// At most kCapacity - 1 bytes of text; the rest is zero.
template <size_t kCapacity>
struct WireText {
  uint32_t size_bytes = 0;
  char bytes[kCapacity] = {};
};

// A part of the arena.
struct WireSpan {
  uint64_t offset = 0;
  uint64_t size_bytes = 0;
};

struct OpenMessage {  // with the document's descriptor attached
  WireHeader header{.type = WireType::kOpen};
  WireText<kMaxPasswordBytes + 1> password;
};

struct ReadMessage {
  WireHeader header{.type = WireType::kRead};
  int32_t page = 0;
  uint32_t effort = 0;                     // an Effort
  WireText<kMaxOptionsBytes + 1> options;  // EncodePageOptions
};

struct SealedMessage {  // a SealReport
  WireHeader header{.type = WireType::kSealed};
  uint32_t seccomp = 0;
  uint32_t no_new_privs = 0;
  uint32_t limits = 0;
  uint32_t landlock_abi = 0;
  uint32_t no_capabilities = 0;
  uint32_t user_id = 0;
};

struct OpenedMessage {
  WireHeader header{.type = WireType::kOpened};
  int32_t page_count = 0;
  WireText<32> media_type;
};

struct PageMessage {
  WireHeader header{.type = WireType::kPage};
  int32_t page = 0;
  int32_t width = 0;
  int32_t height = 0;
  int32_t dpi = 0;
  int32_t angle = 0;
  uint32_t reserved = 0;
  WireSpan words;
  WireSpan image;
  WireSpan preview;
  WireText<kMaxLanguageBytes + 1> language;
  WireText<64> source;
  WireText<kMaxReasonBytes + 1> source_reason;
  WireText<16> thresholding;
};

struct FailedMessage {
  WireHeader header{.type = WireType::kFailed};
  WireText<32> code;  // ErrorCodeName
  WireText<kMaxReasonBytes + 1> message;
  WireText<kMaxReasonBytes + 1> hint;
};

struct ForkMessage {  // with the child's ends of socket and arena attached
  WireHeader header{.type = WireType::kFork};
  WireText<kMaxLanguageBytes + 1> languages;  // that it will need; "": none
};

struct ForkedMessage {
  WireHeader header{.type = WireType::kForked};
  int32_t pid = 0;  // 0: the fork failed
  int32_t error_number = 0;
};

struct PrepareMessage {
  WireHeader header{.type = WireType::kPrepare};
  WireText<kMaxLanguageBytes + 1> languages;
};

struct PreparedMessage {
  WireHeader header{.type = WireType::kPrepared};
};

struct EndMessage {
  WireHeader header{.type = WireType::kEnd};
  int32_t pid = 0;
};

struct EndedMessage {
  WireHeader header{.type = WireType::kEnded};
  int32_t wait_status = 0;
};

struct WireBox {
  int32_t left = 0;
  int32_t top = 0;
  int32_t right = 0;
  int32_t bottom = 0;
};
struct WireCounts {
  uint32_t blocks = 0;
  uint32_t paragraphs = 0;
  uint32_t lines = 0;
  uint32_t words = 0;
  uint32_t text_bytes = 0;
};
struct WireBlock {
  WireBox box;
  uint32_t paragraphs = 0;
};
struct WireParagraph {
  WireBox box;
  uint32_t lines = 0;
};
struct WireLine {
  WireBox box;
  float slope = 0;
  float offset = 0;
  uint32_t words = 0;
};
struct WireWord {
  WireBox box;
  float confidence = 0;
  uint32_t text_bytes = 0;
};

static_assert(sizeof(WireHeader) == 16);
static_assert(sizeof(OpenMessage) == 276);
static_assert(sizeof(ReadMessage) == 1052);
static_assert(sizeof(SealedMessage) == 40);
static_assert(sizeof(OpenedMessage) == 56);
static_assert(sizeof(PageMessage) == 952);
static_assert(sizeof(FailedMessage) == 1084);
static_assert(std::has_unique_object_representations_v<OpenMessage>);
static_assert(std::has_unique_object_representations_v<ReadMessage>);
static_assert(std::has_unique_object_representations_v<SealedMessage>);
static_assert(std::has_unique_object_representations_v<OpenedMessage>);
static_assert(std::has_unique_object_representations_v<PageMessage>);
static_assert(std::has_unique_object_representations_v<FailedMessage>);
static_assert(std::has_unique_object_representations_v<ForkMessage>);
static_assert(std::has_unique_object_representations_v<ForkedMessage>);
static_assert(std::has_unique_object_representations_v<PrepareMessage>);
static_assert(std::has_unique_object_representations_v<PreparedMessage>);
static_assert(std::has_unique_object_representations_v<EndMessage>);
static_assert(std::has_unique_object_representations_v<EndedMessage>);
static_assert(sizeof(WireCounts) == 20 && sizeof(WireBlock) == 20 && sizeof(WireParagraph) == 20);
static_assert(sizeof(WireLine) == 28 && sizeof(WireWord) == 24);

// Limits of one page: far above the densest real page, yet small enough for the parent's memory.
inline constexpr uint32_t kMaxPageRecords = 250'000;  // of each: blocks, paragraphs, lines, words
inline constexpr uint32_t kMaxPageTextBytes = 16 << 20;
inline constexpr int kMaxPageDpi = 65'535;
inline constexpr float kMaxSlope = 100;
inline constexpr float kMaxOffset = 100'000;

template <typename Message>
std::string_view AsBytes(const Message& message) {
  static_assert(std::is_trivially_copyable_v<Message>);
  return {reinterpret_cast<const char*>(&message), sizeof(message)};
}
// `bytes` must have the message's size.
template <typename Message>
Message FromBytes(std::string_view bytes) {
  static_assert(std::is_trivially_copyable_v<Message>);
  GNOSIS_CHECK(bytes.size() == sizeof(Message));
  Message message;
  std::memcpy(&message, bytes.data(), sizeof(message));
  return message;
}

// kDamaged says what is wrong: size, magic, version, type or sequence number.
Status CheckMessage(std::string_view bytes, size_t size_bytes, const WireHeader& expected);
// Also for a message that CheckMessage would reject; a default header if it is too short.
WireHeader PeekHeader(std::string_view bytes);

// `text` must fit.
template <size_t kCapacity>
void PutText(WireText<kCapacity>& field, std::string_view text) {
  GNOSIS_CHECK(text.size() < kCapacity);
  field = {};
  field.size_bytes = uint32_t(text.size());
  std::memcpy(field.bytes, text.data(), text.size());
}
// Nothing if the size is invalid.
template <size_t kCapacity>
std::optional<std::string> GetText(const WireText<kCapacity>& field) {
  if (field.size_bytes >= kCapacity) return std::nullopt;
  return std::string(field.bytes, field.size_bytes);
}

// kTooLarge above these limits. The words must be tidy (tidy_page.h) to be accepted.
Result<std::string> EncodeWords(const PageText& text);
// kDamaged says what is wrong. Every box must be within `width` x `height`, every word valid;
// numbers are rounded: confidence and offsets to 2 decimals, slopes to 4.
Result<PageText> DecodeWords(std::string_view bytes, int width, int height);

}  // namespace gnosis
