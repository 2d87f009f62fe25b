// Written by hand: a record of 5,000 pages is encoded at every claim and publish, and a JSON value
// built first would take ten times as long. processing_decode.cc is the mirror of this source.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/hash.h"
#include "base/json.h"
#include "session/processing.h"

namespace gnosis {
namespace {

constexpr size_t kBytesPerPage = 512;  // a guess to reserve by
constexpr size_t kBytesBesidesPages = 1024;

class JsonAppender {
 public:
  explicit JsonAppender(std::string& out) : out_(out) {}

  // Everything between two values: `, "attempts": `.
  template <size_t kSize>
  JsonAppender& Name(const char (&name)[kSize]) {
    out_.append(name, kSize - 1);
    return *this;
  }
  void Text(std::string_view text) {
    if (!IsPlain(text)) {
      out_.append(DumpJson(Json(text)));
      return;
    }
    out_.push_back('"');
    out_.append(text);
    out_.push_back('"');
  }
  void Integer(int64_t value) {
    const fmt::format_int digits(value);
    out_.append(digits.data(), digits.size());
  }
  void Number(double value) {
    if (!std::isfinite(value)) return Null();
    fmt::format_to(std::back_inserter(out_), "{}", value);
  }
  void Moment(Time time);
  void Null() { out_.append("null"); }

  void TextOrNull(const std::optional<std::string>& text) { text ? Text(*text) : Null(); }
  void TextUnlessEmpty(std::string_view text) { text.empty() ? Null() : Text(text); }
  void IntegerOrNull(const std::optional<int64_t>& value) { value ? Integer(*value) : Null(); }
  void NumberOrNull(const std::optional<double>& value) { value ? Number(*value) : Null(); }
  void MomentOrNull(const std::optional<Time>& time) { time ? Moment(*time) : Null(); }

 private:
  // Needs no escapes and is surely UTF-8.
  static bool IsPlain(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; });
  }

  std::string& out_;
  // The day whose FormatTime is in date_: most times of a record are of one day.
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
  out_.push_back('"');
  out_.append(date_);
  if (milliseconds % 1000 != 0) {
    out_.append(clock, 14);
  } else {
    out_.append(clock, 8).append("Z\"");
  }
}

void AppendOverride(JsonAppender& json, const std::optional<PageOverride>& options) {
  if (!options) return json.Null();
  json.Name("{\"languages\": [");
  for (size_t i = 0; i < options->languages.size(); ++i) {
    if (i > 0) json.Name(", ");
    json.Text(options->languages[i]);
  }
  json.Name("], \"rotate\": ").IntegerOrNull(options->rotate);
  json.Name(", \"dpi\": ").IntegerOrNull(options->dpi);
  json.Name("}");
}

void AppendPage(JsonAppender& json, int page, const PageEntry& entry) {
  json.Name("    \"").Integer(page);
  json.Name("\": {\"image\": ").Text(entry.image);
  json.Name(", \"status\": ").Text(PageStatusName(entry.status));
  json.Name(", \"started_at\": ").MomentOrNull(entry.started_at);
  json.Name(", \"completed_at\": ").MomentOrNull(entry.completed_at);
  json.Name(", \"result_file\": ").TextOrNull(entry.result_file);
  json.Name(", \"error\": ").TextOrNull(entry.error);
  json.Name(", \"attempts\": ").Integer(entry.attempts);
  json.Name(", \"failures\": ").Integer(entry.failures);
  json.Name(", \"owner\": ").TextUnlessEmpty(entry.owner);
  json.Name(", \"lease_expires_at\": ").MomentOrNull(entry.lease_expires_at);
  json.Name(", \"edition\": ").Integer(entry.edition);
  json.Name(", \"override\": ");
  AppendOverride(json, entry.override_options);
  json.Name(", \"confidence\": ").NumberOrNull(entry.confidence);
  json.Name(", \"source\": ").TextUnlessEmpty(entry.source);
  json.Name(", \"duration_ms\": ").IntegerOrNull(entry.duration_ms);
  json.Name("}");
}

void AppendHead(JsonAppender& json, const Processing& record) {
  json.Name("{\n  \"schema_version\": ").Integer(record.schema_version);
  json.Name(",\n  \"job_id\": ").Text(record.session_id);
  json.Name(",\n  \"session_id\": ").Text(record.session_id);
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
  std::string out;
  out.reserve(kBytesBesidesPages + processing.pages.size() * kBytesPerPage);
  JsonAppender json(out);
  AppendHead(json, processing);
  AppendPages(json, processing);
  json.Name("  \"created_at\": ").Moment(processing.created_at);
  json.Name(",\n  \"updated_at\": ").Moment(processing.updated_at);
  json.Name(",\n  \"checksum\": \"crc32:");
  out.append(Crc32Hex(out));
  json.Name("\"\n}\n");
  return out;
}

}  // namespace gnosis
