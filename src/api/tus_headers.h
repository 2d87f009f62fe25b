// Parses header values of tus 1.0.0 (https://tus.io/protocols/resumable-upload). Pure functions on
// untrusted text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "task/partial_uploads.h"

namespace gnosis {

inline constexpr std::string_view kTusVersion = "1.0.0";

// RFC 4648 section 4, with padding and without any other characters.
std::optional<std::string> DecodeBase64(std::string_view text);

// Upload-Length and Upload-Offset: digits, at most 2^63-1.
std::optional<uint64_t> ParseUploadSize(std::string_view text);

// "filename c2Nhbi5wZGY=,is_confidential": names in the order given, values decoded.
// kInvalidArgument; kTooLarge above 4 KiB.
using UploadMetadata = std::vector<std::pair<std::string, std::string>>;
Result<UploadMetadata> ParseUploadMetadata(std::string_view text);
// The file name in it, or "".
std::string FileNameIn(const UploadMetadata& metadata);

// "sha1 BASE64", "sha256 BASE64". kInvalidArgument.
Result<Checksum> ParseUploadChecksum(std::string_view text);

}  // namespace gnosis
