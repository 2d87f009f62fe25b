#include "net/http_target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gnosis {
namespace {

using testing::ElementsAre;
using testing::Pair;

HttpTarget Parsed(std::string_view text) {
  auto target = ParseTarget(text);
  EXPECT_TRUE(target.ok()) << text;
  return target.ok() ? *std::move(target) : HttpTarget();
}

TEST(HttpTarget, SplitsPathAndQuery) {
  const HttpTarget target = Parsed("/api/v1/jobs?lang=deu&wait=30&flag");
  EXPECT_EQ(target.path, "/api/v1/jobs");
  EXPECT_THAT(target.segments, ElementsAre("api", "v1", "jobs"));
  EXPECT_THAT(target.query, ElementsAre(Pair("flag", ""), Pair("lang", "deu"), Pair("wait", "30")));
  EXPECT_FALSE(target.authority);
}

TEST(HttpTarget, KeepsEmptySegments) {
  EXPECT_THAT(Parsed("/").segments, ElementsAre(""));
  EXPECT_THAT(Parsed("/a/").segments, ElementsAre("a", ""));
  EXPECT_THAT(Parsed("//a").segments, ElementsAre("", "a"));
}

TEST(HttpTarget, DecodesAfterSplitting) {
  const HttpTarget target = Parsed("/a%2Fb/%2e%2E/%c3%bc+?a%26b=%3d%2B+1");
  EXPECT_THAT(target.segments, ElementsAre("a/b", "..", "ü+"));
  EXPECT_THAT(target.query, ElementsAre(Pair("a&b", "=+ 1")));
}

TEST(HttpTarget, LeavesDotsAsTheyAre) {
  EXPECT_THAT(Parsed("/a/../../etc").segments, ElementsAre("a", "..", "..", "etc"));
}

TEST(HttpTarget, TheFirstOfEqualNamesWins) {
  EXPECT_THAT(Parsed("/?a=1&a=2&&=x").query, ElementsAre(Pair("", "x"), Pair("a", "1")));
}

TEST(HttpTarget, TakesTheFormForProxies) {
  const HttpTarget target = Parsed("http://localhost:7799/a?b=c");
  EXPECT_EQ(target.authority, "localhost:7799");
  EXPECT_EQ(target.path, "/a");
  EXPECT_EQ(Parsed("http://localhost").path, "/");
  EXPECT_EQ(Parsed("http://localhost?x=1").query.at("x"), "1");
}

TEST(HttpTarget, TakesUnescapedUtf8) { EXPECT_EQ(Parsed("/ü").path, "/ü"); }

TEST(HttpTarget, RefusesWhatIsNoText) {
  for (const char* bad : {"",
                          "a",
                          "*",
                          "host:80",
                          "/%",
                          "/%4",
                          "/%4x",
                          "/%00",
                          "/a?b=%00",
                          "/a?b=%zz",
                          "/%ff",
                          "/%c0%af",
                          "/%ed%a0%80",
                          "/%f4%90%80%80",
                          "/%e2%82",
                          "/\xff",
                          "/a b",
                          "/a\tb",
                          "/a#b",
                          "/a?b=%F0%80%80%80",
                          "https://localhost/"}) {
    const auto target = ParseTarget(bad);
    ASSERT_FALSE(target.ok()) << bad;
    EXPECT_EQ(target.code(), ErrorCode::kInvalidArgument) << bad;
    EXPECT_FALSE(target.error().hint.empty()) << bad;
  }
  EXPECT_FALSE(ParseTarget(std::string_view("/a\0b", 4)).ok());
}

TEST(HttpTarget, SaysTheLimitOfItsLength) {
  EXPECT_TRUE(ParseTarget("/" + std::string(kMaxTargetBytes - 1, 'a')).ok());
  const auto target = ParseTarget("/" + std::string(kMaxTargetBytes, 'a'));
  ASSERT_FALSE(target.ok());
  EXPECT_EQ(target.code(), ErrorCode::kTooLarge);
  EXPECT_THAT(target.error().message, testing::HasSubstr("8192"));
}

}  // namespace
}  // namespace gnosis
