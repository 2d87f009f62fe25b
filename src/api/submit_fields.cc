#include "api/submit_fields.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "api/reply.h"
#include "door/header_values.h"
#include "page/utf8.h"
#include "session/page_ranges.h"

namespace gnosis {
namespace {

// The options for pages and for the whole document.
std::vector<std::string_view> FieldNames() {
  std::vector<std::string_view> names;
  for (const PageOption& option : PageOptionTable()) {
    if (option.at_submission) names.push_back(option.name);
  }
  names.insert(names.end(), {"formats", "pages", "password", "file_name"});
  return names;
}

Error BadField(std::string_view field, std::string_view hint) {
  return Error{ErrorCode::kInvalidArgument, fmt::format("the field \"{}\" is not valid", field),
               std::string(hint)};
}

// In a query "+" is decoded as a blank; commas are a common alternative.
std::string WithPluses(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == ' ' || c == ','; }, '+');
  return text;
}

std::vector<std::string> ReadNames(std::string_view text) {
  std::vector<std::string> names;
  for (const std::string_view name : SplitList(text)) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.emplace_back(name);
  }
  return names;
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
  const auto names = FieldNames();
  if (std::find(names.begin(), names.end(), name) != names.end()) return Ok();
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("unknown field \"{}\"", CutText(CleanText(name), 64)),
               fmt::format("the document is the field \"file\"; the other fields are {}",
                           fmt::join(names, ", "))};
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
  return BareFileName(Find("file_name").value_or(uploaded_name_));
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
  for (const PageOption& option : PageOptionTable()) {
    if (!option.at_submission) continue;
    auto text = find(option.name);
    if (!text || text->empty()) continue;
    if (option.kind == PageOption::Kind::kLanguages) text = WithPluses(*text);
    RETURN_IF_ERROR(SetPageOption(option, *text, options.reading));
  }
  if (const auto formats = find("formats"); formats && !formats->empty()) {
    options.formats = ReadNames(*formats);
  }
  if (const auto pages = find("pages")) {
    ASSIGN_OR_RETURN(options.pages, ParsePageRanges(*pages));
  }
  submission.password = find("password").value_or("");
  submission.file_name = FileName();
  return submission;
}

}  // namespace gnosis
