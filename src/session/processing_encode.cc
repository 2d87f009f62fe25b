// Written by hand: a record of 5,000 pages is encoded at every claim and publish, and a JSON value
// built first would take ten times as long. processing_decode.cc is the mirror of this source.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "base/hash.h"
#include "base/json.h"
#include "session/page_options_json.h"
#include "session/processing.h"

namespace gnosis {
namespace {

constexpr size_t kBytesPerPage = 400;  // a guess; the buffer grows
constexpr size_t kBytesBesidesPages = 1024;

// Appends text to a buffer that grows when it is full: a std::string would check its capacity and
// terminate itself for each of the twenty pieces of a page.
class TextBuffer {
 public:
  explicit TextBuffer(size_t size) : bytes_(size, '\0') {}

  void Put(const char* text, size_t size) {
    if (bytes_.size() - used_ < size) bytes_.resize(2 * bytes_.size() + size);
    std::memcpy(bytes_.data() + used_, text, size);
    used_ += size;
  }
  void Put(std::string_view text) { Put(text.data(), text.size()); }
  std::string_view text() const { return {bytes_.data(), used_}; }
  std::string Take() {
    bytes_.resize(used_);
    return std::move(bytes_);
  }

 private:
  std::string bytes_;
  size_t used_ = 0;
};

class JsonAppender {
 public:
  explicit JsonAppender(TextBuffer& out) : out_(out) {}

  // Everything between two values: `, "attempts": `.
  template <size_t kSize>
  JsonAppender& Name(const char (&name)[kSize]) {
    out_.Put(name, kSize - 1);
    return *this;
  }
  void Text(std::string_view text) {
    if (!IsPlain(text)) {
      out_.Put(DumpJson(Json(text)));
      return;
    }
    out_.Put("\"", 1);
    out_.Put(text);
    out_.Put("\"", 1);
  }
  void Value(const Json& value) { out_.Put(DumpJson(value)); }
  void Integer(int64_t value) {
    const fmt::format_int digits(value);
    out_.Put(digits.data(), digits.size());
  }
  void Number(double value) {
    if (!std::isfinite(value)) return Null();
    out_.Put(fmt::to_string(value));
  }
  void Moment(Time time);
  void Null() { out_.Put("null", 4); }

  void TextOrNull(const std::optional<std::string>& text) { text ? Text(*text) : Null(); }
  void IntegerOrNull(const std::optional<int64_t>& value) { value ? Integer(*value) : Null(); }
  void MomentOrNull(const std::optional<Time>& time) { time ? Moment(*time) : Null(); }

 private:
  // Needs no escapes and is known to be UTF-8.
  static bool IsPlain(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; });
  }

  TextBuffer& out_;
  // The day whose FormatTime is in date_: most times in a record are on the same day.
  std::optional<std::chrono::sys_days> day_;
  std::string date_;  // "2025-07-11T"
};

void PutDigits(char* at, int64_t value, int count) {
  for (int i = count - 1; i >= 0; --i, value /= 10) at[i] = char('0' + value % 10);
}

// The same as FormatTime, without its cost.
void JsonAppender::Moment(Time time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  if (day != day_) {
    date_ = FormatTime(day).substr(0, 11);
    day_ = day;
  }
  const int64_t milliseconds = (time - Time(day)).count();
  char clock[] = "00:00:00.000Z\"";
  PutDigits(clock, milliseconds / 3'600'000, 2);
  PutDigits(clock + 3, milliseconds / 60'000 % 60, 2);
  PutDigits(clock + 6, milliseconds / 1000 % 60, 2);
  PutDigits(clock + 9, milliseconds % 1000, 3);
  out_.Put("\"", 1);
  out_.Put(date_);
  if (milliseconds % 1000 != 0) {
    out_.Put(clock, 14);
  } else {
    out_.Put(clock, 8);
    out_.Put("Z\"", 2);
  }
}

// Internal fields are written only when set: a pending page is half as long without them, and the
// whole record is written at every claim.
void AppendAdditions(JsonAppender& json, const PageEntry& entry) {
  if (entry.attempts != 0) json.Name(", \"attempts\": ").Integer(entry.attempts);
  if (entry.failures != 0) json.Name(", \"failures\": ").Integer(entry.failures);
  if (entry.timeouts != 0) json.Name(", \"timeouts\": ").Integer(entry.timeouts);
  if (!entry.owner.empty()) json.Name(", \"owner\": ").Text(entry.owner);
  if (entry.lease_expires_at) json.Name(", \"lease_expires_at\": ").Moment(*entry.lease_expires_at);
  if (entry.edition != 0) json.Name(", \"edition\": ").Integer(entry.edition);
  if (!entry.override_options.empty())
    json.Name(", \"override\": ").Value(PageOverrideJson(entry.override_options));
  if (entry.confidence) json.Name(", \"confidence\": ").Number(*entry.confidence);
  if (!entry.source.empty()) json.Name(", \"source\": ").Text(entry.source);
  if (entry.duration_ms) json.Name(", \"duration_ms\": ").Integer(*entry.duration_ms);
}

void AppendPage(JsonAppender& json, int page, const PageEntry& entry) {
  json.Name("    \"").Integer(page);
  json.Name("\": {\"image\": ").Text(entry.image);
  json.Name(", \"status\": ").Text(PageStatusName(entry.status));
  json.Name(", \"started_at\": ").MomentOrNull(entry.started_at);
  json.Name(", \"completed_at\": ").MomentOrNull(entry.completed_at);
  json.Name(", \"result_file\": ").TextOrNull(entry.result_file);
  json.Name(", \"error\": ").TextOrNull(entry.error);
  AppendAdditions(json, entry);
  json.Name("}");
}

void AppendHead(JsonAppender& json, const Processing& record) {
  json.Name("{\n  \"schema_version\": ").Integer(record.schema_version);
  json.Name(",\n  \"job_id\": ").Text(record.session_id);
  json.Name(",\n  \"session_id\": ").Text(record.session_id);
  if (!record.incarnation.empty()) json.Name(",\n  \"incarnation\": ").Text(record.incarnation);
  json.Name(",\n  \"total_pages\": ").Integer(record.total_pages);
  json.Name(",\n  \"batch_size\": ").Integer(record.batch_size);
  json.Name(",\n  \"state\": ").Text(SessionStateName(record.state));
  json.Name(",\n  \"revision\": ").Integer(record.revision);
  json.Name(",\n  \"epoch\": ").Integer(record.epoch);
  json.Name(",\n  \"write_id\": ").Text(record.write_id);
  json.Name(",\n  \"error\": ").TextOrNull(record.error);
  json.Name(",");
}

void AppendPages(JsonAppender& json, const Processing& record) {
  json.Name("\n  \"pages\": {\n");
  bool first = true;
  for (const auto& [page, entry] : record.pages) {
    if (!first) json.Name(",\n");
    AppendPage(json, page, entry);
    first = false;
  }
  json.Name("\n  },\n");
}

}  // namespace

std::string EncodeProcessing(const Processing& processing) {
  TextBuffer out(kBytesBesidesPages + processing.pages.size() * kBytesPerPage);
  JsonAppender json(out);
  AppendHead(json, processing);
  AppendPages(json, processing);
  json.Name("  \"created_at\": ").Moment(processing.created_at);
  json.Name(",\n  \"updated_at\": ").Moment(processing.updated_at);
  json.Name(",\n  \"checksum\": \"crc32:");
  out.Put(Crc32Hex(out.text()));
  json.Name("\"\n}\n");
  return out.Take();
}

}  // namespace gnosis
