// metadata.json: what was uploaded and what was requested. Written once, at admission, never
// changed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "page/page_options.h"
#include "session/page_ranges.h"

namespace gnosis {

struct JobOptions {
  PageOptions reading;                                 // of every page
  std::vector<std::string> formats = {"txt", "json"};  // results to combine at the end
  std::vector<PageRange> pages;                        // {} = all
  bool operator==(const JobOptions&) const = default;
};

struct Metadata {
  int schema_version = 1;
  std::string session_id;
  std::string user_hash;
  // Random: distinguishes this session from any other that ever had its id. Anything opened,
  // queued, leased or processed for another incarnation does not count here. "" in files of the
  // first versions.
  std::string incarnation;
  // From the Idempotency-Key that it was submitted with; "" when there was none.
  std::string submission_id;
  std::string file_name;   // as the caller named it; displayed, never used as a path
  std::string extension;   // of the original: MediaType::extension
  std::string media_type;  // by content: MediaType::name
  uint64_t size_bytes = 0;
  std::string sha256;      // 64 hex digits, of the original
  int document_pages = 0;  // of the document; the job's pages are options.pages of them
  // A password came with it. The password itself is deleted when the session is final: processing a
  // page again requires it again.
  bool password_given = false;
  JobOptions options;
  Time created_at{};
  std::optional<Time> expires_at;  // nothing: kept forever
  bool operator==(const Metadata&) const = default;
};

std::string NewIncarnation();
bool IsIncarnation(std::string_view text);

// Indented JSON with a final newline; Decode is its inverse. Decode checks every field against its
// range: kDamaged names the field.
std::string EncodeMetadata(const Metadata& metadata);
Result<Metadata> DecodeMetadata(std::string_view bytes);

}  // namespace gnosis
