#include "door/guard.h"

#include <gtest/gtest.h>

#include "support/api_fixture.h"

namespace gnosis {
namespace {

const HostRules kLoopbackRules;

bool IsAllowed(const std::string& host, const HostRules& rules = kLoopbackRules) {
  return IsAllowedHost(rules, host, 7799);
}

TEST(AllowedHost, IsANameOrAddressOfThisMachineWithOurPort) {
  for (const char* host : {"localhost", "LOCALHOST:7799", "127.0.0.1", "127.0.0.1:7799",
                           "127.255.0.3:7799", "[::1]", "[::1]:7799"}) {
    EXPECT_TRUE(IsAllowed(host)) << host;
  }
}

TEST(AllowedHost, IsNothingElse) {
  for (const char* host : {"",
                           ":7799",
                           "example.com",
                           "localhost.example.com",
                           "127.0.0.1.example.com",
                           "128.0.0.1",
                           "127.0.0",
                           "127.0.0.1.1",
                           "127.0.0.256",
                           "127.0.0.01",
                           "127.1",
                           "0x7f.0.0.1",
                           "2130706433",
                           "[::1",
                           "[::1]x",
                           "[::2]",
                           "::1",
                           "[localhost]",
                           "[127.0.0.1]",
                           "localhost:",
                           "localhost:http",
                           "localhost:65536",
                           "localhost:1:2",
                           "localhost:7799 ",
                           "localhost:80",
                           "127.0.0.1:7798",
                           "localhost:07799",
                           "evil@localhost",
                           "localhost/",
                           "localhost.",
                           "0.0.0.0",
                           "192.168.1.5:7799"}) {
    EXPECT_FALSE(IsAllowed(host)) << host;
  }
  EXPECT_FALSE(IsAllowed(std::string("127.0.0.1\0.evil", 15)));
}

TEST(AllowedHost, TheSettingAddsNamesWithAnyPortOrWithOne) {
  const HostRules rules{Exposure::kLoopback, {"ocr.lan", "scan.lan:8080", "localhost:9999"}};
  for (const char* host : {"ocr.lan", "OCR.lan:1234", "scan.lan:8080", "localhost:9999"}) {
    EXPECT_TRUE(IsAllowed(host, rules)) << host;
  }
  for (const char* host : {"scan.lan", "scan.lan:80", "x.ocr.lan", "localhost:9998"}) {
    EXPECT_FALSE(IsAllowed(host, rules)) << host;
  }
}

TEST(AllowedHost, OnANetworkIsAnyAddressButNoName) {
  const HostRules rules{Exposure::kNetwork, {}};
  EXPECT_TRUE(IsAllowed("192.168.1.5:7799", rules));
  EXPECT_TRUE(IsAllowed("[fe80::1]:80", rules));
  EXPECT_TRUE(IsAllowed("localhost", rules));
  EXPECT_FALSE(IsAllowed("rebound.example.com:7799", rules));
  EXPECT_FALSE(IsAllowed("192.168.1.5.example.com", rules));
}

TEST(LoopbackName, IsWhatTheServerMayListenOnWithoutKeys) {
  for (const char* name : {"localhost", "127.0.0.1", "127.8.8.8", "::1"}) {
    EXPECT_TRUE(IsLoopbackName(name)) << name;
  }
  for (const char* name : {"", "0.0.0.0", "::", "127.evil.com", "127.0.0.1.evil.com", "10.0.0.1"}) {
    EXPECT_FALSE(IsLoopbackName(name)) << name;
  }
}

TEST(SameOrigin, ComparesSchemeHostAndPort) {
  EXPECT_TRUE(IsSameOrigin("http://localhost:7799", "localhost:7799"));
  EXPECT_TRUE(IsSameOrigin("http://LocalHost", "localhost:80"));
  EXPECT_TRUE(IsSameOrigin("https://localhost", "localhost:443"));
  EXPECT_FALSE(IsSameOrigin("http://localhost:3000", "localhost:7799"));
  EXPECT_FALSE(IsSameOrigin("http://127.0.0.1:7799", "localhost:7799"));
  EXPECT_FALSE(IsSameOrigin("http://localhost:7799.evil.com", "localhost:7799"));
  EXPECT_FALSE(IsSameOrigin("null", "localhost:7799"));
  EXPECT_FALSE(IsSameOrigin("", "localhost:7799"));
  EXPECT_FALSE(IsSameOrigin("file://", ""));
  EXPECT_FALSE(IsSameOrigin("http://", ""));
}

class GuardTest : public ApiTest {};

TEST_F(GuardTest, AnotherHostNameIsRefusedEvenForReading) {
  const Reply reply = Get("/livez", {{"Host", "rebound.example.com"}});
  EXPECT_EQ(reply.status, 403);
  EXPECT_EQ(reply.code(), "host_not_allowed");
}

TEST_F(GuardTest, WithoutHostOnlyTheOldProtocolMayCall) {
  HttpRequest request = Request("GET", "/livez");
  request.headers = {};
  EXPECT_EQ(Begin(request).reply().status, 403);
  request.http_1_0 = true;
  EXPECT_EQ(Begin(request).reply().status, 200);
}

TEST_F(GuardTest, TwoHostsAreRefused) {
  HttpRequest request = Request("GET", "/livez");
  request.headers.Add("host", "localhost");
  EXPECT_EQ(Begin(request).reply().status, 403);
}

TEST_F(GuardTest, APageOfAnotherSiteMayNotSubmit) {
  for (const Headers& headers :
       {Headers{{"Origin", "http://evil.example.com"}}, Headers{{"Origin", "null"}},
        Headers{{"Origin", "http://localhost:3000"}}, Headers{{"Sec-Fetch-Site", "cross-site"}},
        Headers{{"Sec-Fetch-Site", "same-site"}}}) {
    const Reply reply = Post("/api/v1/jobs", "%PDF-1.7", headers);
    EXPECT_EQ(reply.status, 403);
    EXPECT_EQ(reply.code(), "origin_not_allowed");
  }
  EXPECT_TRUE(queue_.tasks.empty());
}

TEST_F(GuardTest, OurOwnPageMaySubmit) {
  const Reply reply =
      Post("/api/v1/jobs", "%PDF-1.7",
           {{"Origin", "http://localhost:7799"}, {"Sec-Fetch-Site", "same-origin"}});
  EXPECT_EQ(reply.status, 202);
}

TEST_F(GuardTest, APageOfAnotherSiteMayNotDelete) {
  const std::string id = Submit();
  EXPECT_EQ(Send("DELETE", Path(id), {{"Origin", "http://evil.example.com"}}).status, 403);
  EXPECT_EQ(Get(Path(id)).status, 200);
}

TEST_F(GuardTest, EveryAnswerCarriesTheSafetyHeaders) {
  for (const char* target : {"/livez", "/nothing", "/api/v1/jobs"}) {
    const Reply reply = Get(target);
    EXPECT_EQ(reply.header("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(reply.header("Content-Security-Policy"),
              "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
              "sandbox");
    EXPECT_EQ(reply.header("Referrer-Policy"), "no-referrer");
    EXPECT_EQ(reply.header("Cache-Control"), "no-store");
    EXPECT_EQ(reply.header("X-Request-Id").size(), 16u);
    EXPECT_EQ(reply.header("Access-Control-Allow-Origin"), "");
  }
}

TEST_F(GuardTest, AHarmlessRequestIdIsEchoed) {
  EXPECT_EQ(Get("/livez", {{"X-Request-Id", "a-1.B_2"}}).header("X-Request-Id"), "a-1.B_2");
  for (const std::string& bad : {std::string("a b"), std::string(65, 'a'), std::string("a\"b")}) {
    EXPECT_NE(Get("/livez", {{"X-Request-Id", bad}}).header("X-Request-Id"), bad);
  }
}

}  // namespace
}  // namespace gnosis
