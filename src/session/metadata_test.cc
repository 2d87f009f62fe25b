#include "session/metadata.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "base/json.h"
#include "support/sample_session.h"

namespace gnosis {
namespace {

using sample::kNow;
using sample::SampleMetadata;

Metadata Everything() {
  Metadata metadata = SampleMetadata(120);
  metadata.file_name = "Müller \"final\" \\ 2.pdf";
  metadata.size_bytes = 5'000'000'000;
  metadata.options.reading.languages = {"eng", "chi_sim", "script/Latin"};
  metadata.options.reading.dpi = 72;
  metadata.options.reading.mode = TextMode::kForce;
  metadata.options.formats = {"txt", "alto", "pdf"};
  metadata.options.pages = {{2, 3}, {7, 7}, {9, kToTheEnd}};
  metadata.created_at = kNow + Milliseconds(7);
  metadata.expires_at = kNow + Seconds(3600);
  return metadata;
}

// What Decode says when one field holds something else.
Error DecodeWith(const std::function<void(Json&)>& change) {
  Json json = *ParseJson(EncodeMetadata(Everything()));
  change(json);
  const auto decoded = DecodeMetadata(DumpJson(json));
  return decoded.ok() ? Error{ErrorCode::kInternal, "decoded", ""} : decoded.error();
}

TEST(Metadata, ComesBackAsItWasWritten) {
  const auto decoded = DecodeMetadata(EncodeMetadata(Everything()));
  ASSERT_TRUE(decoded.ok()) << decoded.error().message;
  EXPECT_EQ(*decoded, Everything());
}

TEST(Metadata, ComesBackWithDefaultsWhenNothingWasAskedFor) {
  const auto decoded = DecodeMetadata(EncodeMetadata(SampleMetadata(1)));
  ASSERT_TRUE(decoded.ok()) << decoded.error().message;
  EXPECT_EQ(*decoded, SampleMetadata(1));
}

TEST(Metadata, IsIndentedJsonThatEndsInANewline) {
  const std::string text = EncodeMetadata(Everything());
  EXPECT_TRUE(text.starts_with("{\n  \"schema_version\": 1,\n"));
  EXPECT_TRUE(text.ends_with("}\n"));
  EXPECT_NE(text.find("\"pages\": \"2-3,7,9-\""), std::string::npos);
}

TEST(Metadata, OfAFileNameThatIsNotUtf8IsStillReadable) {
  Metadata metadata = SampleMetadata(1);
  metadata.file_name = "caf\xE9.pdf";
  const auto decoded = DecodeMetadata(EncodeMetadata(metadata));
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded->file_name, "caf\xEF\xBF\xBD.pdf");
}

TEST(Metadata, WithAFieldMissingIsDamagedAndTheErrorNamesTheField) {
  const Json whole = *ParseJson(EncodeMetadata(Everything()));
  int fields = 0;
  for (const auto& item : whole.items()) {
    const std::string& name = item.key();
    const Error error = DecodeWith([&](Json& json) { json.erase(name); });
    EXPECT_EQ(error.code, ErrorCode::kDamaged) << name;
    EXPECT_NE(error.message.find(name), std::string::npos) << error.message;
    ++fields;
  }
  for (const auto& item : whole["options"].items()) {
    const std::string& name = item.key();
    const auto table = PageOptionTable();
    const bool may_be_missing = std::any_of(table.begin(), table.end(), [&](const auto& option) {
      return option.key == name && option.may_be_missing;
    });
    if (may_be_missing) continue;
    const Error error = DecodeWith([&](Json& json) { json["options"].erase(name); });
    EXPECT_EQ(error.code, ErrorCode::kDamaged) << name;
    EXPECT_NE(error.message.find(name), std::string::npos) << error.message;
    ++fields;
  }
  EXPECT_EQ(fields, 18);
}

TEST(Metadata, WithAFieldOfAnotherTypeIsDamaged) {
  const Json whole = *ParseJson(EncodeMetadata(Everything()));
  for (const auto& item : whole.items()) {
    const std::string& name = item.key();
    for (const Json& wrong : {Json(true), Json::array({1}), Json(1.5)}) {
      const Error error = DecodeWith([&](Json& json) { json[name] = wrong; });
      EXPECT_EQ(error.code, ErrorCode::kDamaged) << name;
      EXPECT_NE(error.message.find(name), std::string::npos) << error.message;
    }
  }
}

struct BadValue {
  std::string_view field;
  Json value;
};

TEST(Metadata, SaysThatAPasswordCameAndNothingElseOfIt) {
  Metadata metadata = Everything();
  EXPECT_EQ(EncodeMetadata(metadata).find("password"), std::string::npos);
  metadata.password_given = true;
  EXPECT_EQ(*DecodeMetadata(EncodeMetadata(metadata)), metadata);
}

TEST(Metadata, OutOfRangeIsDamaged) {
  const std::vector<BadValue> bad_values = {
      {"schema_version", 2},       {"session_id", "../../etc/passwd"},
      {"user_hash", "0123456789"}, {"user_hash", "0123456789AB"},
      {"extension", "exe"},        {"media_type", ""},
      {"size_bytes", -1},          {"size_bytes", 18'446'744'073'709'551'615u},
      {"sha256", "abc"},           {"document_pages", 0},
      {"created_at", "yesterday"}, {"expires_at", "2025-13-01T00:00:00Z"},
      {"password_given", false},   {"password_given", "gnosis"},
  };
  for (const BadValue& bad : bad_values) {
    const Error error = DecodeWith([&](Json& json) { json[std::string(bad.field)] = bad.value; });
    EXPECT_EQ(error.code, ErrorCode::kDamaged) << bad.field;
    EXPECT_NE(error.message.find(bad.field), std::string::npos) << error.message;
  }
}

TEST(Metadata, WithOptionsOutOfRangeIsDamaged) {
  const std::vector<BadValue> bad_values = {
      {"languages", Json::array()},
      {"languages", {"eng", "../x"}},
      {"languages", {""}},
      {"dpi", 71},
      {"dpi", 601},
      {"dpi", 300.5},
      {"mode", "maybe"},
      {"mode", Json()},
      {"languages", "eng"},
      {"dpi", "300"},
      {"formats", Json::array()},
      {"formats", {"txt", "../../key"}},
      {"formats", {".."}},
      {"engine", ""},
      {"pages", "0"},
      {"pages", "3-1"},
  };
  for (const BadValue& bad : bad_values) {
    const Error error =
        DecodeWith([&](Json& json) { json["options"][std::string(bad.field)] = bad.value; });
    EXPECT_EQ(error.code, ErrorCode::kDamaged) << bad.field;
    EXPECT_NE(error.message.find(bad.field), std::string::npos) << error.message;
  }
}

TEST(Metadata, ThatIsCutOffIsDamaged) {
  const std::string text = EncodeMetadata(Everything());
  for (size_t size = 0; size + 1 < text.size(); ++size) {  // without the newline it is whole
    const auto decoded = DecodeMetadata(std::string_view(text).substr(0, size));
    ASSERT_FALSE(decoded.ok()) << size;
    ASSERT_EQ(decoded.code(), ErrorCode::kDamaged) << size;
  }
}

TEST(Metadata, ThatIsNoObjectIsDamaged) {
  for (const char* text : {"[]", "null", "1", "\"x\"", "{}"}) {
    const auto decoded = DecodeMetadata(text);
    ASSERT_FALSE(decoded.ok());
    EXPECT_EQ(decoded.code(), ErrorCode::kDamaged);
  }
}

}  // namespace
}  // namespace gnosis
