#include "reader/page_reply.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/hash.h"
#include "page/media_types.h"
#include "page/utf8.h"
#include "wire/messages.h"
#include "wire/tidy_page.h"

namespace gnosis {
namespace {

constexpr uint32_t kMaxLandlockAbi = 1000;
constexpr std::array<std::string_view, 3> kThresholdings{"", "otsu", "sauvola"};

template <size_t kCapacity>
Result<std::string> PrintableText(const WireText<kCapacity>& field, std::string_view name) {
  std::optional<std::string> text = GetText(field);
  if (!text || !IsPrintable(*text)) {
    return BrokenProtocol(fmt::format("{} is not printable UTF-8", name));
  }
  return *std::move(text);
}

// The failure that the child reported.
Error DecodeFailure(std::string_view bytes) {
  const auto message = FromBytes<FailedMessage>(bytes);
  const auto code = ParseErrorCode(GetText(message.code).value_or(""));
  if (!code || !IsChildErrorCode(*code)) return BrokenProtocol("an invalid error code");
  ASSIGN_OR_RETURN(std::string what, PrintableText(message.message, "an error's message"));
  ASSIGN_OR_RETURN(std::string hint, PrintableText(message.hint, "an error's hint"));
  return Error{*code, std::move(what), std::move(hint)};
}

// A whole message of the expected type, or the failure that the child reported, or an error for a
// protocol violation.
template <typename Message>
Result<Message> DecodeMessage(std::string_view bytes, uint32_t sequence) {
  WireHeader expected = Message{}.header;
  expected.sequence = sequence;
  const bool failed = PeekHeader(bytes).type == WireType::kFailed;
  if (failed) expected.type = WireType::kFailed;
  const size_t size_bytes = failed ? sizeof(FailedMessage) : sizeof(Message);
  if (const Status status = CheckMessage(bytes, size_bytes, expected); !status.ok()) {
    return BrokenProtocol(status.error().message);
  }
  if (failed) return DecodeFailure(bytes);
  return FromBytes<Message>(bytes);
}

struct PageParts {
  std::string words;
  std::string image_png;
  std::string preview_jpeg;
};

Result<std::string> CopyPart(const WireSpan& span, std::string_view arena, std::string_view name) {
  if (span.offset > arena.size() || span.size_bytes > arena.size() - span.offset) {
    return BrokenProtocol(fmt::format("{} outside the arena", name));
  }
  return std::string(arena.substr(span.offset, span.size_bytes));
}

Result<PageParts> CopyParts(const PageMessage& message, std::string_view arena) {
  PageParts parts;
  ASSIGN_OR_RETURN(parts.words, CopyPart(message.words, arena, "words"));
  ASSIGN_OR_RETURN(parts.image_png, CopyPart(message.image, arena, "an image"));
  ASSIGN_OR_RETURN(parts.preview_jpeg, CopyPart(message.preview, arena, "a preview"));
  return parts;
}

Status CheckGeometry(const PageMessage& message, const ReplyLimits& limits) {
  const int64_t width = message.width;
  const int64_t height = message.height;
  if (width < 1 || height < 1 || width > limits.max_side_pixels ||
      height > limits.max_side_pixels || width * height > limits.max_page_pixels) {
    return BrokenProtocol(fmt::format("an image of {}x{} pixels", width, height));
  }
  if (message.dpi < 0 || message.dpi > kMaxPageDpi) {
    return BrokenProtocol(fmt::format("{} dpi", message.dpi));
  }
  const int angle = message.angle;
  if (angle != 0 && angle != 90 && angle != 180 && angle != 270) {
    return BrokenProtocol(fmt::format("turned by {} degrees", angle));
  }
  return Ok();
}

uint32_t BigEndian(std::string_view bytes) {
  uint32_t value = 0;
  for (const char byte : bytes.substr(0, 4)) value = (value << 8) | uint8_t(byte);
  return value;
}

// Checks only the first bytes: whatever displays the picture decodes it in a sandbox of its own.
Status CheckPictures(const PageParts& parts, const PageMessage& message) {
  constexpr std::string_view kPngStart("\x89PNG\r\n\x1A\n\0\0\0\rIHDR", 16);
  const std::string_view png = parts.image_png;
  if (png.size() < 24 || png.substr(0, 16) != kPngStart) {
    return BrokenProtocol("an image that is not a PNG");
  }
  if (BigEndian(png.substr(16)) != uint32_t(message.width) ||
      BigEndian(png.substr(20)) != uint32_t(message.height)) {
    return BrokenProtocol("an image of the wrong size");
  }
  if (parts.preview_jpeg.substr(0, 3) != "\xFF\xD8\xFF") {
    return BrokenProtocol("a preview that is not a JPEG");
  }
  return Ok();
}

Status DecodeOrigin(const PageMessage& message, const PageRequest& request, PageResult& result) {
  ASSIGN_OR_RETURN(result.language, PrintableText(message.language, "the language"));
  if (!result.language.empty() && result.language != JoinLanguages(request.options.languages)) {
    return BrokenProtocol("a language that was not requested");
  }
  ASSIGN_OR_RETURN(result.source, PrintableText(message.source, "the source"));
  ASSIGN_OR_RETURN(result.source_reason, PrintableText(message.source_reason, "the reason"));
  ASSIGN_OR_RETURN(result.thresholding, PrintableText(message.thresholding, "the thresholding"));
  if (std::ranges::count(kThresholdings, result.thresholding) == 0) {
    return BrokenProtocol("an unknown thresholding");
  }
  return Ok();
}

Result<PageResult> DecodeResult(const PageMessage& message, const PageParts& parts,
                                const PageRequest& request) {
  PageResult result;
  RETURN_IF_ERROR(DecodeOrigin(message, request, result));
  Result<PageText> words = DecodeWords(parts.words, message.width, message.height);
  if (!words.ok()) return BrokenProtocol(words.error().message);
  result.page = request.page;
  result.completed = true;
  result.words = *std::move(words);
  result.text = PlainText(result.words);
  result.confidence = MeanConfidence(result.words);
  result.width = message.width;
  result.height = message.height;
  result.dpi = message.dpi;
  result.angle = message.angle;
  result.image_sha256 = Sha256Hex(parts.image_png);
  result.preview_sha256 = Sha256Hex(parts.preview_jpeg);
  return result;
}

}  // namespace

Error BrokenProtocol(std::string_view what) {
  return Error{ErrorCode::kChildDied, fmt::format("the page child broke the protocol: {}", what),
               "if it happens again with this document, treat it as malicious"};
}

Result<SealReport> DecodeSealReply(std::string_view bytes, uint32_t sequence) {
  ASSIGN_OR_RETURN(const SealedMessage message, DecodeMessage<SealedMessage>(bytes, sequence));
  if (message.landlock_abi > kMaxLandlockAbi) return BrokenProtocol("an invalid Landlock ABI");
  const SealReport report{message.seccomp == 1,         message.no_new_privs == 1,
                          message.limits == 1,          int(message.landlock_abi),
                          message.no_capabilities == 1, message.user_id};
  if (!IsSealed(report)) return BrokenProtocol("it is not sealed: " + DescribeSeal(report));
  return report;
}

Result<DocumentInfo> DecodeOpenReply(std::string_view bytes, uint32_t sequence,
                                     const ReplyLimits& limits) {
  ASSIGN_OR_RETURN(const OpenedMessage message, DecodeMessage<OpenedMessage>(bytes, sequence));
  DocumentInfo info;
  ASSIGN_OR_RETURN(info.media_type, PrintableText(message.media_type, "the media type"));
  if (FindMediaType(info.media_type) == nullptr) {
    return BrokenProtocol("an unknown media type");
  }
  if (message.page_count < 1 || message.page_count > limits.max_pages) {
    return BrokenProtocol(fmt::format("a document of {} pages", message.page_count));
  }
  info.page_count = message.page_count;
  return info;
}

Result<PageArtefacts> DecodePageReply(std::string_view bytes, uint32_t sequence,
                                      std::string_view arena, const PageRequest& request,
                                      const ReplyLimits& limits) {
  ASSIGN_OR_RETURN(const PageMessage message, DecodeMessage<PageMessage>(bytes, sequence));
  if (message.page != request.page) {
    return BrokenProtocol(fmt::format("page {} instead of {}", message.page, request.page));
  }
  RETURN_IF_ERROR(CheckGeometry(message, limits));
  ASSIGN_OR_RETURN(PageParts parts, CopyParts(message, arena));
  RETURN_IF_ERROR(CheckPictures(parts, message));
  PageArtefacts artefacts;
  ASSIGN_OR_RETURN(artefacts.result, DecodeResult(message, parts, request));
  artefacts.image_png = std::move(parts.image_png);
  artefacts.preview_jpeg = std::move(parts.preview_jpeg);
  return artefacts;
}

}  // namespace gnosis
