#include "api/submit_fields.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "api/header_values.h"
#include "api/reply.h"
#include "engine/languages.h"
#include "page/utf8.h"
#include "session/page_ranges.h"

namespace gnosis {
namespace {

constexpr std::array<std::string_view, 8> kNames{"lang", "mode",   "formats",  "pages",
                                                 "dpi",  "engine", "password", "file_name"};

Error BadField(std::string_view field, std::string_view hint) {
  return Error{ErrorCode::kInvalidArgument, fmt::format("the field \"{}\" is not valid", field),
               std::string(hint)};
}

// "eng+deu". A query's "+" arrives as a blank; commas are what people try next.
Result<std::vector<std::string>> ReadLanguages(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == ' ' || c == ','; }, '+');
  return ParseLanguages(text);
}

std::vector<std::string> ReadNames(std::string_view text) {
  std::vector<std::string> names;
  for (const std::string_view name : SplitList(text)) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.emplace_back(name);
  }
  return names;
}

// Shown and logged later: no folders, no control characters.
std::string TidyFileName(std::string_view name) {
  if (const size_t slash = name.find_last_of("/\\"); slash != std::string_view::npos) {
    name.remove_prefix(slash + 1);
  }
  return CleanText(name);
}

}  // namespace

Status CheckIdempotencyKey(std::string_view key, size_t limit_bytes) {
  const bool visible =
      std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  if (!key.empty() && key.size() <= limit_bytes && visible) return Ok();
  return Error{
      ErrorCode::kInvalidArgument,
      fmt::format("the Idempotency-Key of {} bytes is not valid", key.size()),
      fmt::format("use 1 to {} visible ASCII characters; the setting is MAX_IDEMPOTENCY_KEY_BYTES",
                  limit_bytes)};
}

Status SubmitFields::CheckName(std::string_view name) {
  if (std::find(kNames.begin(), kNames.end(), name) != kNames.end()) return Ok();
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("unknown field \"{}\"", CutText(CleanText(name), 64)),
               fmt::format("the document is the field \"file\"; the other fields are {}",
                           fmt::join(kNames, ", "))};
}

Status SubmitFields::TakeFromQuery(const std::map<std::string, std::string>& query) {
  for (const auto& [name, value] : query) {
    RETURN_IF_ERROR(CheckName(name));
    if (value.size() > kMaxFieldBytes) return BadField(name, "it is too long");
    values_[name] = value;
  }
  return Ok();
}

Status SubmitFields::TakeFromForm(const std::string& name, std::string value) {
  RETURN_IF_ERROR(CheckName(name));
  if (!form_.emplace(name, std::move(value)).second) {
    return Error{ErrorCode::kInvalidArgument, fmt::format("the field \"{}\" is given twice", name),
                 "give it once"};
  }
  return Ok();
}

std::optional<std::string> SubmitFields::Find(std::string_view name) const {
  if (const auto form = form_.find(name); form != form_.end()) return form->second;
  const auto value = values_.find(name);
  return value == values_.end() ? std::nullopt : std::optional(value->second);
}

std::string SubmitFields::FileName() const {
  return TidyFileName(Find("file_name").value_or(uploaded_name_));
}

Status SubmitFields::CheckFileName(size_t limit_bytes) const {
  const size_t size = FileName().size();
  if (size <= limit_bytes) return Ok();
  return Error{ErrorCode::kTooLarge,
               fmt::format("the file name is {} bytes long; the limit is {}", size, limit_bytes),
               "give a shorter name in the field \"file_name\", or raise MAX_FILE_NAME_BYTES"};
}

Result<Submission> SubmitFields::Read() const {
  const auto find = [&](std::string_view name) { return Find(name); };
  Submission submission;
  JobOptions& options = submission.options;
  if (const auto lang = find("lang"); lang && !lang->empty()) {
    ASSIGN_OR_RETURN(options.languages, ReadLanguages(*lang));
  }
  if (const auto mode = find("mode"); mode && !mode->empty()) {
    const auto parsed = ParseTextMode(*mode);
    if (!parsed) return BadField("mode", "use auto, force or skip");
    options.mode = *parsed;
  }
  if (const auto formats = find("formats"); formats && !formats->empty()) {
    options.formats = ReadNames(*formats);
  }
  if (const auto pages = find("pages")) {
    ASSIGN_OR_RETURN(options.pages, ParsePageRanges(*pages));
  }
  if (const auto dpi = find("dpi"); dpi && !dpi->empty()) {
    const auto number = ParseNumber(*dpi);
    if (!number || *number > INT32_MAX)
      return BadField("dpi", "give a whole number from 72 to 600");
    options.dpi = int(*number);
  }
  if (const auto engine = find("engine"); engine && !engine->empty()) options.engine = *engine;
  submission.password = find("password").value_or("");
  submission.file_name = FileName();
  return submission;
}

}  // namespace gnosis
