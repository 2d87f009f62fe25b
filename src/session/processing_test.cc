#include "session/processing.h"

#include <gtest/gtest.h>

#include <random>

#include "base/hash.h"
#include "base/json.h"
#include "support/sample_session.h"

namespace gnosis {
namespace {

using sample::kNow;
using sample::SampleMetadata;
using sample::SampleRecord;

constexpr std::string_view kTail = "\"\n}\n";

// The file with a checksum that fits: what a bug or an enemy might write.
std::string Sealed(std::string text) {
  const size_t digits = text.size() - kTail.size() - 8;
  return text.substr(0, digits) + Crc32Hex(text.substr(0, digits)) + std::string(kTail);
}

std::string Replaced(std::string text, std::string_view from, std::string_view to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

class RandomRecords {
 public:
  explicit RandomRecords(unsigned seed) : random_(seed) {}

  Processing Next() {
    Processing record = SampleRecord(1);
    record.pages.clear();
    for (int i = Below(20); i >= 0; --i) record.pages[1 + Below(9'999)] = Entry();
    record.total_pages = int(record.pages.size());
    record.batch_size = 1 + Below(100);
    record.state = Pick({SessionState::kQueued, SessionState::kProcessing, SessionState::kFailed,
                         SessionState::kCancelled});
    record.revision = 1 + Below(1'000'000);
    record.epoch = Below(5);
    record.write_id = Text();
    if (Below(2)) record.error = Text();
    record.created_at = Moment();
    record.updated_at = Moment();
    return record;
  }

 private:
  int Below(int limit) { return int(random_() % unsigned(limit)); }
  template <typename T>
  T Pick(std::initializer_list<T> values) {
    return *(values.begin() + Below(int(values.size())));
  }
  Time Moment() {
    const int64_t whole = int64_t{Below(2'000'000'000)} * 1000;
    return Time(Milliseconds(whole + (Below(2) ? Below(1000) : 0)));
  }
  std::string Text() {
    std::string text;
    for (int i = Below(12); i > 0; --i) {
      text += Pick<std::string>({"a", "\"", "\\", "\n", "\x01", "\x7f", "é", "漢", "😀", "/", "}",
                                 "  },\n", "\n  \"pages\": {\n", "\"checksum\": \"crc32:"});
    }
    return text;
  }
  PageEntry Entry() {
    PageEntry entry;
    entry.image = Text();
    entry.status = Pick({PageStatus::kPending, PageStatus::kProcessing, PageStatus::kCompleted,
                         PageStatus::kFailed});
    entry.attempts = 1 + Below(9);
    entry.failures = Below(entry.attempts + 1);
    entry.edition = Below(3);
    if (Below(2)) entry.error = Text();
    if (Below(2)) entry.confidence = Below(100'001) / 1000.0;
    if (Below(2)) entry.duration_ms = Below(100'000);
    if (Below(2)) entry.source = Text();
    if (Below(2)) entry.override_options = Override();
    if (entry.status == PageStatus::kProcessing) {
      entry.owner = "task/" + Text();
      entry.lease_expires_at = Moment();
    }
    if (entry.status != PageStatus::kPending) entry.started_at = Moment();
    if (entry.status == PageStatus::kCompleted || entry.status == PageStatus::kFailed) {
      entry.completed_at = Moment();
      entry.result_file = Text();
    }
    return entry;
  }
  PageOverride Override() {
    PageOverride options;
    if (Below(3)) options["languages"] = Pick<std::string>({"eng", "deu", "eng+deu"});
    if (Below(2)) options["rotate"] = std::to_string(90 * Below(4));
    if (Below(2)) options["dpi"] = std::to_string(72 + Below(529));
    return options;
  }

  std::mt19937 random_;
};

// A small record with something in every field.
Processing Everything() {
  Processing record = SampleRecord(2);
  record.error = "no \"disk\"";
  record.write_id = "00ff";
  PageEntry& leased = record.pages[1];
  leased.status = PageStatus::kProcessing;
  leased.attempts = 2;
  leased.failures = 1;
  leased.owner = "task/1";
  leased.started_at = kNow + Milliseconds(1);
  leased.lease_expires_at = kNow + Seconds(60);
  leased.override_options = PageOverride{{"languages", "deu"}, {"rotate", "90"}, {"dpi", "150"}};
  MergeOutcome(record, sample::Completed(2));
  return record;
}

TEST(Processing, StartsWithEveryAskedForPagePending) {
  const Processing record = NewProcessing(SampleMetadata(1200), {7, 1200}, 10);
  EXPECT_EQ(record.total_pages, 2);
  EXPECT_EQ(record.state, SessionState::kQueued);
  EXPECT_EQ(record.revision, 1);
  EXPECT_EQ(record.created_at, kNow);
  EXPECT_EQ(record.pages.at(7).image, "page_0007.png");
  EXPECT_EQ(record.pages.at(1200).status, PageStatus::kPending);
}

TEST(Processing, HasTheShapeThatOtherProgramsRead) {
  const Json json = *ParseJson(EncodeProcessing(SampleRecord(5)));
  EXPECT_EQ(json["job_id"], "123e4567-e89b-42d3-a456-426614174000");
  EXPECT_EQ(json["session_id"], json["job_id"]);
  EXPECT_EQ(json["total_pages"], 5);
  EXPECT_EQ(json["batch_size"], 10);
  EXPECT_EQ(json["created_at"], "2025-07-11T18:00:00Z");
  EXPECT_EQ(json["updated_at"], "2025-07-11T18:00:00Z");
  const Json& page = json["pages"]["1"];
  EXPECT_EQ(page["image"], "page_001.png");
  EXPECT_EQ(page["status"], "pending");
  for (const char* field : {"started_at", "completed_at", "result_file", "error"}) {
    ASSERT_TRUE(page.contains(field)) << field;
    EXPECT_TRUE(page[field].is_null()) << field;
  }
  EXPECT_EQ(json["pages"].size(), 5u);
}

TEST(Processing, HasOneLinePerPageAndEndsInANewline) {
  const std::string text = EncodeProcessing(Everything());
  EXPECT_NE(text.find("\n    \"1\": {\"image\": \"page_001.png\", \"status\": \"processing\", "
                      "\"started_at\": \"2025-07-11T18:00:00.001Z\", \"completed_at\": null, "),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("},\n    \"2\": {"), std::string::npos) << text;
  EXPECT_TRUE(text.ends_with("\n}\n"));
}

TEST(Processing, ComesBackAsItWasWritten) {
  const auto decoded = DecodeProcessing(EncodeProcessing(Everything()));
  ASSERT_TRUE(decoded.ok()) << decoded.error().message;
  EXPECT_EQ(*decoded, Everything());
}

TEST(Processing, ComesBackAsItWasWrittenWhateverItHolds) {
  RandomRecords records(7);
  for (int i = 0; i < 300; ++i) {
    const Processing record = records.Next();
    const std::string text = EncodeProcessing(record);
    const auto decoded = DecodeProcessing(text);
    ASSERT_TRUE(decoded.ok()) << decoded.error().message << "\n" << text;
    ASSERT_EQ(*decoded, record) << text;
    ASSERT_EQ(EncodeProcessing(*decoded), text);
    ASSERT_TRUE(ParseJson(text).ok()) << text;
  }
}

TEST(Processing, WritesTimesLikeFormatTime) {
  for (const int64_t ms : {int64_t{0}, int64_t{-1}, int64_t{86'399'999}, int64_t{86'400'000},
                           int64_t{951'782'400'010}, int64_t{4'102'444'799'100}}) {
    Processing record = SampleRecord(1);
    record.updated_at = Time(Milliseconds(ms));
    const Json json = *ParseJson(EncodeProcessing(record));
    EXPECT_EQ(json["updated_at"], FormatTime(record.updated_at));
  }
}

TEST(Processing, KeepsAnErrorThatIsNotUtf8Readable) {
  Processing record = SampleRecord(1);
  record.pages[1].error = "bad \xFF byte";
  const auto decoded = DecodeProcessing(EncodeProcessing(record));
  ASSERT_TRUE(decoded.ok()) << decoded.error().message;
  EXPECT_EQ(decoded->pages.at(1).error, "bad \xEF\xBF\xBD byte");
}

TEST(Processing, WithAnyFlippedBitIsDamaged) {
  const std::string text = EncodeProcessing(Everything());
  for (size_t i = 0; i < text.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = text;
      flipped[i] = char(flipped[i] ^ (1 << bit));
      const auto decoded = DecodeProcessing(flipped);
      ASSERT_FALSE(decoded.ok()) << "byte " << i << " bit " << bit;
      ASSERT_EQ(decoded.code(), ErrorCode::kDamaged);
    }
  }
}

TEST(Processing, ThatIsCutOffAnywhereIsDamaged) {
  const std::string text = EncodeProcessing(Everything());
  for (size_t size = 0; size < text.size(); ++size) {
    const auto decoded = DecodeProcessing(std::string_view(text).substr(0, size));
    ASSERT_FALSE(decoded.ok()) << size;
    ASSERT_EQ(decoded.code(), ErrorCode::kDamaged) << size;
  }
}

TEST(Processing, WithSomethingAfterItsEndIsDamaged) {
  const std::string text = EncodeProcessing(Everything());
  for (const std::string& extra : {std::string("\n"), std::string(4096, '\0'), text}) {
    const auto decoded = DecodeProcessing(text + extra);
    ASSERT_FALSE(decoded.ok());
    EXPECT_EQ(decoded.code(), ErrorCode::kDamaged);
  }
}

// Decoders must hold even where the checksum fits.
TEST(Processing, NeverCrashesOnNonsenseWithAFittingChecksum) {
  const std::string text = EncodeProcessing(Everything());
  std::mt19937 random(3);
  for (int i = 0; i < 3000; ++i) {
    std::string changed = text;
    const size_t at = random() % (text.size() - 40);
    changed[at] = char(random());
    if (i % 3 == 0) changed.erase(at, random() % 20);
    const auto decoded = DecodeProcessing(Sealed(changed));
    if (!decoded.ok()) {
      ASSERT_EQ(decoded.code(), ErrorCode::kDamaged);
    }
  }
}

TEST(Processing, WithAnImpossibleValueIsDamaged) {
  const std::string text = EncodeProcessing(Everything());
  ASSERT_TRUE(DecodeProcessing(Sealed(text)).ok());
  const std::vector<std::pair<std::string_view, std::string_view>> changes = {
      {"\"schema_version\": 1", "\"schema_version\": 2"},
      {"\"job_id\": \"1", "\"job_id\": \"2"},
      {"\"total_pages\": 2", "\"total_pages\": 3"},
      {"\"batch_size\": 10", "\"batch_size\": 0"},
      {"\"revision\": 2", "\"revision\": 0"},
      {"\"revision\": 2", "\"revision\": 99999999999999999999"},
      {"\"epoch\": 0", "\"epoch\": -1"},
      {"\"state\": \"queued\"", "\"state\": \"lost\""},
      {"\"state\": \"queued\"", "\"state\": \"completed\""},
      {"    \"1\": {", "    \"0\": {"},
      {"    \"1\": {", "    \"2\": {"},
      {"    \"1\": {", "    \"99999999999\": {"},
      {"\"status\": \"processing\"", "\"status\": \"pending\""},
      {"\"status\": \"processing\"", "\"status\": \"completed\""},
      {"\"status\": \"completed\"", "\"status\": \"processing\""},
      {"\"status\": \"completed\"", "\"status\": \"pending\""},
      {"\"attempts\": 2", "\"attempts\": 0"},
      {"\"attempts\": 2", "\"attempts\": 2.5"},
      {"\"failures\": 1", "\"failures\": 3"},
      {"\"owner\": \"task/1\"", "\"owner\": null"},
      {"\"lease_expires_at\": \"2025-07-11T18:01:00Z\"", "\"lease_expires_at\": null"},
      {"\"lease_expires_at\": \"2025-07-11T18:01:00Z\"", "\"lease_expires_at\": \"soon\""},
      {", \"duration_ms\": 1234", ", \"edition\": -1, \"duration_ms\": 1234"},
      {", \"duration_ms\": 1234", ", \"duration_ms\": 1234, \"duration_ms\": 1234"},
      {"\"rotate\":90", "\"rotate\":45"},
      {"\"dpi\":150", "\"dpi\":6000"},
      {"\"deu\"", "\"../x\""},
      {"\"confidence\": 95.5", "\"confidence\": 101"},
      {"\"duration_ms\": 1234", "\"duration_ms\": -1"},
      {"\"result_file\": \"page_002_result.json\"", "\"result_file\": null"},
      {"\"image\": ", "\"picture\": "},
  };
  for (const auto& [from, to] : changes) {
    const auto decoded = DecodeProcessing(Sealed(Replaced(text, from, to)));
    ASSERT_FALSE(decoded.ok()) << from << " -> " << to;
    EXPECT_EQ(decoded.code(), ErrorCode::kDamaged) << from << " -> " << to;
  }
}

TEST(Processing, SaysWhichFieldOfWhichPageIsWrong) {
  const std::string text =
      Replaced(EncodeProcessing(Everything()), "\"duration_ms\": 1234", "\"duration_ms\": -1");
  const auto decoded = DecodeProcessing(Sealed(text));
  ASSERT_FALSE(decoded.ok());
  EXPECT_EQ(decoded.error().message,
            "processing.json: page 2: duration_ms is not a whole number in its range");
}

TEST(Processing, OfFiveThousandPagesComesBackAsItWasWritten) {
  Processing record = SampleRecord(5000);
  for (int page = 1; page <= 2500; ++page) MergeOutcome(record, sample::Completed(page));
  const auto decoded = DecodeProcessing(EncodeProcessing(record));
  ASSERT_TRUE(decoded.ok()) << decoded.error().message;
  EXPECT_EQ(*decoded, record);
}

// As versions wrote it that named every option of a retry.
TEST(Processing, TakesAnOverrideThatNamesWhatWasNotAskedFor) {
  const Processing record = Everything();
  std::string text = EncodeProcessing(record);
  text = Replaced(text, R"({"languages":["deu"],"rotate":90,"dpi":150})",
                  R"({"languages": [], "rotate": 90, "dpi": null})");
  const auto decoded = DecodeProcessing(Sealed(text));
  ASSERT_TRUE(decoded.ok()) << decoded.error().message;
  EXPECT_EQ(decoded->pages.at(1).override_options, (PageOverride{{"rotate", "90"}}));
}

TEST(ProcessingNames, AndTheirParsersAreInverse) {
  for (const PageStatus status : {PageStatus::kPending, PageStatus::kProcessing,
                                  PageStatus::kCompleted, PageStatus::kFailed}) {
    EXPECT_EQ(ParsePageStatus(PageStatusName(status)), status);
  }
  for (const SessionState state :
       {SessionState::kQueued, SessionState::kProcessing, SessionState::kCompleted,
        SessionState::kCompletedWithErrors, SessionState::kFailed, SessionState::kCancelled}) {
    EXPECT_EQ(ParseSessionState(SessionStateName(state)), state);
  }
  EXPECT_EQ(ParsePageStatus("done"), std::nullopt);
  EXPECT_EQ(ParseSessionState(""), std::nullopt);
}

TEST(SessionState, IsFinalWhenNobodyWillWorkOnItAgain) {
  EXPECT_FALSE(IsFinal(SessionState::kQueued));
  EXPECT_FALSE(IsFinal(SessionState::kProcessing));
  EXPECT_TRUE(IsFinal(SessionState::kCompleted));
  EXPECT_TRUE(IsFinal(SessionState::kCompletedWithErrors));
  EXPECT_TRUE(IsFinal(SessionState::kFailed));
  EXPECT_TRUE(IsFinal(SessionState::kCancelled));
}

}  // namespace
}  // namespace gnosis
