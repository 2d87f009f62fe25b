#include "base/json.h"

#include <gtest/gtest.h>

#include <limits>

namespace gnosis {
namespace {

Json Parsed(std::string_view text) {
  auto json = ParseJson(text);
  EXPECT_TRUE(json.ok()) << text;
  return json.ok() ? *std::move(json) : Json();
}

std::string Nested(int levels) { return std::string(levels, '[') + std::string(levels, ']'); }

TEST(ParseJson, KeepsTheOrderOfFields) {
  EXPECT_EQ(DumpJson(Parsed(R"({"z": 1, "a": [true, null]})")), R"({"z":1,"a":[true,null]})");
}

TEST(ParseJson, RefusesWhatIsNotOneValue) {
  for (const char* text : {"", " ", "{", "}", "{\"a\":}", "[1,]", "1 2", "{} x", "nul", "'a'",
                           "\"\xff\"", "\"\\ud800\"", "{\"a\":1", "NaN", "// only a comment"}) {
    const auto json = ParseJson(text);
    ASSERT_FALSE(json.ok()) << text;
    EXPECT_EQ(json.code(), ErrorCode::kDamaged) << text;
  }
}

TEST(ParseJson, GoesSixtyFourLevelsDeepAndNoFurther) {
  EXPECT_TRUE(ParseJson(Nested(64)).ok());
  const auto deeper = ParseJson(Nested(70));
  ASSERT_FALSE(deeper.ok());
  EXPECT_EQ(deeper.code(), ErrorCode::kDamaged);
  EXPECT_FALSE(ParseJson(std::string(1'000'000, '[')).ok());
  EXPECT_FALSE(ParseJson("{\"a\":" + Nested(100'000) + "}").ok());
}

TEST(DumpJson, ReplacesWhatIsNotUtf8) { EXPECT_EQ(DumpJson(Json("a\xff")), "\"a\xEF\xBF\xBD\""); }

TEST(DumpJson, IndentsWhenAsked) {
  EXPECT_EQ(DumpJson(Parsed(R"({"a":1})"), 2), "{\n  \"a\": 1\n}");
}

TEST(JsonFields, AreGivenWhenOfTheRightType) {
  const Json object =
      Parsed(R"({"s": "text", "i": -7, "n": 0.5, "b": true, "t": "2025-07-11T18:00:00Z"})");
  EXPECT_EQ(JsonString(object, "s"), "text");
  EXPECT_EQ(JsonInteger(object, "i"), -7);
  EXPECT_EQ(JsonNumber(object, "n"), 0.5);
  EXPECT_EQ(JsonNumber(object, "i"), -7.0);
  EXPECT_EQ(JsonBool(object, "b"), true);
  EXPECT_EQ(JsonTime(object, "t"), ParseTime("2025-07-11T18:00:00Z"));
}

TEST(JsonFields, AreNothingWhenAbsentNullOrOfAnotherType) {
  const Json object =
      Parsed(R"({"null": null, "text": "1", "number": 1.5, "list": [], "object": {}})");
  for (const char* field : {"absent", "null", "list", "object"}) {
    EXPECT_FALSE(JsonString(object, field).has_value()) << field;
    EXPECT_FALSE(JsonInteger(object, field).has_value()) << field;
    EXPECT_FALSE(JsonNumber(object, field).has_value()) << field;
    EXPECT_FALSE(JsonBool(object, field).has_value()) << field;
    EXPECT_FALSE(JsonTime(object, field).has_value()) << field;
  }
  EXPECT_FALSE(JsonInteger(object, "text").has_value());
  EXPECT_FALSE(JsonInteger(object, "number").has_value());
  EXPECT_FALSE(JsonString(object, "number").has_value());
  EXPECT_FALSE(JsonTime(object, "text").has_value());
}

TEST(JsonFields, AreNothingInWhatIsNoObject) {
  for (const char* text : {"[]", "1", "null", "\"a\""}) {
    EXPECT_FALSE(JsonString(Parsed(text), "a").has_value()) << text;
  }
}

TEST(JsonInteger, RefusesWhatDoesNotFit) {
  const Json object =
      Parsed(R"({"largest": 9223372036854775807, "larger": 9223372036854775808, "huge": 1e30})");
  EXPECT_EQ(JsonInteger(object, "largest"), std::numeric_limits<int64_t>::max());
  EXPECT_FALSE(JsonInteger(object, "larger").has_value());
  EXPECT_FALSE(JsonInteger(object, "huge").has_value());
}

TEST(JsonOrNull, WritesNullForNothing) {
  EXPECT_EQ(DumpJson(JsonOrNull(std::optional<std::string>())), "null");
  EXPECT_EQ(DumpJson(JsonOrNull(std::optional<std::string>("a"))), "\"a\"");
  EXPECT_EQ(DumpJson(JsonOrNull(std::optional<Time>())), "null");
  EXPECT_EQ(DumpJson(JsonOrNull(std::optional(Time()))), "\"1970-01-01T00:00:00Z\"");
}

}  // namespace
}  // namespace gnosis
