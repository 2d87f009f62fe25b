// What a tus client says in headers and in the JSON that makes a job of its upload: Upload-Length,
// Upload-Metadata, Upload-Checksum; and upload.json, which is read back from the disk.
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "api/submit_upload.h"
#include "api/tus_headers.h"
#include "task/partial_uploads.h"

namespace {

void CheckMetadata(std::string_view text) {
  const auto metadata = gnosis::ParseUploadMetadata(text);
  if (!metadata.ok()) return;
  std::set<std::string> names;
  size_t value_bytes = 0;
  for (const auto& [name, value] : *metadata) {
    GNOSIS_CHECK(!name.empty() && names.insert(name).second);
    GNOSIS_CHECK(text.find(name) != std::string_view::npos);
    value_bytes += value.size();
  }
  GNOSIS_CHECK(value_bytes <= text.size());
  (void)gnosis::FileNameIn(*metadata);
}

void CheckChecksum(std::string_view text) {
  const auto checksum = gnosis::ParseUploadChecksum(text);
  if (!checksum.ok()) return;
  const bool sha1 = checksum->algorithm == gnosis::Checksum::Algorithm::kSha1;
  GNOSIS_CHECK(checksum->digest.size() == (sha1 ? 20u : 32u));
  GNOSIS_CHECK(text.starts_with(sha1 ? "sha1 " : "sha256 "));
}

void CheckRecord(std::string_view text) {
  const auto upload = gnosis::DecodePartialUpload(text);
  if (!upload.ok()) return;
  const std::string again = gnosis::EncodePartialUpload(*upload);
  const auto twice = gnosis::DecodePartialUpload(again);
  GNOSIS_CHECK(twice.ok() && gnosis::EncodePartialUpload(*twice) == again);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto bytes = gnosis::DecodeBase64(text);
  if (bytes) GNOSIS_CHECK(bytes->size() <= text.size() / 4 * 3);
  const auto number = gnosis::ParseUploadSize(text);
  if (number) GNOSIS_CHECK(std::to_string(*number) == text);
  CheckMetadata(text);
  CheckChecksum(text);
  CheckRecord(text);
  gnosis::SubmitFields fields;
  if (gnosis::ReadUploadBody(text, fields).ok()) (void)fields.Read();
  return 0;
}
