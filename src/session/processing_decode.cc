// The mirror of processing_encode.cc: the same fields in the same order.
#include <fmt/format.h>

#include <algorithm>

#include "base/hash.h"
#include "base/id.h"
#include "session/json_cursor.h"
#include "session/json_fields.h"
#include "session/page_options_json.h"
#include "session/processing.h"

namespace gnosis {
namespace {

constexpr int kSchemaVersion = 1;
constexpr std::string_view kChecksumHead = ",\n  \"checksum\": \"crc32:";
constexpr std::string_view kChecksumTail = "\"\n}\n";
constexpr size_t kChecksumDigits = 8;

Error Damaged(std::string_view what) { return {ErrorCode::kDamaged, std::string(what), ""}; }

// Everything before the checksum, if the checksum matches.
Result<std::string_view> Unsealed(std::string_view bytes) {
  constexpr size_t kAfterHead = kChecksumDigits + kChecksumTail.size();
  if (bytes.size() < kAfterHead) return Damaged("the file is cut off");
  const std::string_view covered = bytes.substr(0, bytes.size() - kAfterHead);
  const std::string_view rest = bytes.substr(covered.size());
  if (!covered.ends_with(kChecksumHead) || !rest.ends_with(kChecksumTail)) {
    return Damaged("the file is cut off");
  }
  if (Crc32Hex(covered) != rest.substr(0, kChecksumDigits)) {
    return Damaged("the checksum does not match");
  }
  return covered.substr(0, covered.size() - kChecksumHead.size());
}

PageOverride ReadOverride(JsonCursor& json) {
  auto changes = ReadPageOverride(json.FlatObject());
  json.RequireOfAll(changes.has_value(), "override is out of range");
  return changes.value_or(PageOverride{});
}

// Invariants of a page that every rule of rules.h maintains.
void CheckPage(JsonCursor& json, const PageEntry& entry) {
  const bool processing = entry.status == PageStatus::kProcessing;
  const bool finished = IsFinished(entry.status);
  json.RequireOfAll(
      entry.lease_expires_at.has_value() == processing && entry.owner.empty() != processing,
      "a page has a lease if and only if it is being processed");
  json.RequireOfAll(!processing || (entry.started_at && entry.attempts > 0),
                    "a page that was never started is being processed");
  json.RequireOfAll(entry.failures <= entry.attempts, "failures is more than attempts");
  json.RequireOfAll(entry.timeouts <= entry.failures, "timeouts is more than failures");
  json.RequireOfAll(
      entry.completed_at.has_value() == finished && entry.result_file.has_value() == finished,
      "a page has a result if and only if it is finished");
}

void ReadAdditions(JsonCursor& json, PageEntry& entry) {
  if (json.HasName(", \"attempts\": ")) entry.attempts = json.Int(0, kMaxCount);
  if (json.HasName(", \"failures\": ")) entry.failures = json.Int(0, kMaxCount);
  if (json.HasName(", \"timeouts\": ")) entry.timeouts = json.Int(0, kMaxCount);
  if (json.HasName(", \"owner\": ")) entry.owner = json.Text();
  if (json.HasName(", \"lease_expires_at\": ")) entry.lease_expires_at = json.Moment();
  if (json.HasName(", \"edition\": ")) entry.edition = json.Int(0, kMaxCount);
  if (json.HasName(", \"override\": ")) entry.override_options = ReadOverride(json);
  if (json.HasName(", \"confidence\": ")) entry.confidence = json.Number(0, 100);
  if (json.HasName(", \"source\": ")) entry.source = json.Text();
  if (json.HasName(", \"duration_ms\": ")) entry.duration_ms = json.Integer(0, INT64_MAX);
}

PageEntry ReadPage(JsonCursor& json) {
  PageEntry entry;
  entry.image = json.Name("\": {\"image\": ").Text();
  entry.status = json.Name(", \"status\": ").Word(ParsePageStatus);
  entry.started_at = json.Name(", \"started_at\": ").OrNull(&JsonCursor::Moment);
  entry.completed_at = json.Name(", \"completed_at\": ").OrNull(&JsonCursor::Moment);
  entry.result_file = json.Name(", \"result_file\": ").OrNull(&JsonCursor::Text);
  entry.error = json.Name(", \"error\": ").OrNull(&JsonCursor::Text);
  ReadAdditions(json, entry);
  json.Name("}");
  CheckPage(json, entry);
  return entry;
}

std::map<int, PageEntry> ReadPages(JsonCursor& json) {
  std::map<int, PageEntry> pages;
  json.Name("\n  \"pages\": {\n");
  do {
    const int previous = pages.empty() ? 0 : pages.rbegin()->first;
    const int page = json.Name("    \"").Int(previous + 1, kMaxCount);
    json.AtPage(page);
    pages.emplace_hint(pages.end(), page, ReadPage(json));
  } while (!json.failed() && json.Skip(",\n"));
  json.AtPage(std::nullopt);
  json.Name("\n  },\n");
  return pages;
}

void ReadHead(JsonCursor& json, Processing& record) {
  record.schema_version =
      json.Name("{\n  \"schema_version\": ").Int(kSchemaVersion, kSchemaVersion);
  record.session_id = json.Name(",\n  \"job_id\": ").Text();
  json.Require(IsUuid(record.session_id), "is not a UUID");
  json.Require(json.Name(",\n  \"session_id\": ").Text() == record.session_id, "is not job_id");
  if (json.HasName(",\n  \"incarnation\": ")) record.incarnation = json.Text();
  record.total_pages = json.Name(",\n  \"total_pages\": ").Int(1, kMaxCount);
  record.batch_size = json.Name(",\n  \"batch_size\": ").Int(1, kMaxCount);
  record.state = json.Name(",\n  \"state\": ").Word(ParseSessionState);
  record.revision = json.Name(",\n  \"revision\": ").Integer(1, kMaxRevision);
  record.epoch = json.Name(",\n  \"epoch\": ").Int(0, kMaxCount);
  record.write_id = json.Name(",\n  \"write_id\": ").Text();
  record.error = json.Name(",\n  \"error\": ").OrNull(&JsonCursor::Text);
  json.Name(",");
}

// A state that claims that every page was processed.
bool SaysAllIsRead(const Processing& record) {
  return record.state == SessionState::kCompleted ||
         record.state == SessionState::kCompletedWithErrors;
}

void CheckRecord(JsonCursor& json, const Processing& record) {
  json.RequireOfAll(record.pages.size() == size_t(record.total_pages),
                    "total_pages is not the number of pages");
  const bool all_finished =
      std::all_of(record.pages.begin(), record.pages.end(),
                  [](const auto& page) { return page.second.completed_at.has_value(); });
  json.RequireOfAll(all_finished || !SaysAllIsRead(record),
                    "the state is final, but not every page is finished");
}

Result<Processing> Decode(std::string_view bytes) {
  ASSIGN_OR_RETURN(const std::string_view text, Unsealed(bytes));
  JsonCursor json(text);
  Processing record;
  ReadHead(json, record);
  record.pages = ReadPages(json);
  record.created_at = json.Name("  \"created_at\": ").Moment();
  record.updated_at = json.Name(",\n  \"updated_at\": ").Moment();
  CheckRecord(json, record);
  json.RequireOfAll(json.AtEnd(), "there is something between updated_at and checksum");
  RETURN_IF_ERROR(json.status());
  return record;
}

}  // namespace

Result<Processing> DecodeProcessing(std::string_view bytes) {
  auto record = Decode(bytes);
  if (!record.ok()) return record.error().Context("processing.json");
  return record;
}

}  // namespace gnosis
