#include "api/tus_headers.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/reply.h"
#include "base/text.h"
#include "door/header_values.h"

namespace gnosis {
namespace {

constexpr size_t kMaxMetadataBytes = 4 << 10;

// -1: not one of the 64.
int ValueOf(char c) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const size_t at = kAlphabet.find(c);
  return at == std::string_view::npos ? -1 : int(at);
}

Error BadMetadata(std::string_view why) {
  return Error{ErrorCode::kInvalidArgument, fmt::format("Upload-Metadata: {}", why),
               "send pairs of a name and a base64 value, separated by commas"};
}

bool IsMetadataName(std::string_view name) {
  return !name.empty() &&
         std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace

std::optional<std::string> DecodeBase64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  for (size_t i = 0; i < text.size(); i += 4) {
    const bool last = i + 4 == text.size();
    const size_t padding =
        last ? size_t(text[i + 3] == '=') + size_t(text.substr(i + 2) == "==") : 0;
    uint32_t group = 0;
    for (size_t k = 0; k < 4; ++k) {
      const int value = k + padding >= 4 ? 0 : ValueOf(text[i + k]);
      if (value < 0) return std::nullopt;
      group = (group << 6) | uint32_t(value);
    }
    // Unused bits must be 0, so that each value has only one encoding.
    if ((padding == 1 && (group & 0xFF) != 0) || (padding == 2 && (group & 0xFFFF) != 0)) {
      return std::nullopt;
    }
    for (size_t k = 0; k < 3 - padding; ++k) bytes += char((group >> (16 - 8 * k)) & 0xFF);
  }
  return bytes;
}

std::optional<uint64_t> ParseUploadSize(std::string_view text) {
  const auto number = ParseNumber(text);
  return number ? std::optional(uint64_t(*number)) : std::nullopt;
}

Result<UploadMetadata> ParseUploadMetadata(std::string_view text) {
  if (text.size() > kMaxMetadataBytes) {
    return Error{ErrorCode::kTooLarge,
                 fmt::format("Upload-Metadata is longer than {} bytes", kMaxMetadataBytes), ""};
  }
  UploadMetadata metadata;
  for (const std::string_view pair : SplitList(text)) {
    const size_t blank = pair.find(' ');
    const std::string_view name = pair.substr(0, blank);
    const std::string_view value =
        blank == std::string_view::npos ? std::string_view() : Trim(pair.substr(blank + 1));
    if (!IsMetadataName(name)) return BadMetadata("a name is not valid");
    auto bytes = DecodeBase64(value);
    if (!bytes) return BadMetadata("a value is not base64");
    const bool twice = std::any_of(metadata.begin(), metadata.end(),
                                   [&](const auto& known) { return known.first == name; });
    if (twice) return BadMetadata("a name is given twice");
    metadata.emplace_back(std::string(name), *std::move(bytes));
  }
  return metadata;
}

std::string FileNameIn(const UploadMetadata& metadata) {
  for (const std::string_view wanted : {"filename", "name"}) {
    for (const auto& [name, value] : metadata) {
      if (name == wanted && !value.empty()) return value;
    }
  }
  return "";
}

Result<Checksum> ParseUploadChecksum(std::string_view text) {
  const Error bad{ErrorCode::kInvalidArgument, "Upload-Checksum is not valid",
                  "send \"sha1 BASE64\" or \"sha256 BASE64\""};
  const size_t blank = text.find(' ');
  if (blank == std::string_view::npos) return bad;
  const std::string_view name = text.substr(0, blank);
  if (name != "sha1" && name != "sha256") return bad;
  Checksum checksum;
  checksum.algorithm = name == "sha1" ? Checksum::Algorithm::kSha1 : Checksum::Algorithm::kSha256;
  auto digest = DecodeBase64(Trim(text.substr(blank + 1)));
  if (!digest || digest->size() != (name == "sha1" ? 20u : 32u)) return bad;
  checksum.digest = *std::move(digest);
  return checksum;
}

}  // namespace gnosis
