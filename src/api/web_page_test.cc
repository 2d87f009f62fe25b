// The web page: who gets HTML, what may be cached, and that it does not interfere with the API.
#include "api/web_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/hash.h"
#include "support/api_fixture.h"

namespace gnosis {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kHtml = "<!doctype html><title>page</title>";
const Headers kBrowser{{"Accept", "text/html,application/xhtml+xml,*/*;q=0.8"}};

Headers And(Headers headers, const std::string& name, const std::string& value) {
  headers[name] = value;
  return headers;
}

class WebPageTest : public ApiTest {
 protected:
  WebPageTest() {
    options_.web = {{"index.html", kHtmlSha256, kHtml, "packed html"},
                    {"assets/app-1a2b.js", kHtmlSha256, "start();", ""},
                    {"favicon.svg", kHtmlSha256, "<svg/>", ""}};
    StartApi();
  }
  static inline const std::string kHtmlSha256 = Sha256Hex(kHtml);
};

TEST_F(WebPageTest, EveryScreenIsTheIndexForABrowser) {
  for (const char* target :
       {"/", "/docs", "/login", "/jobs/0198", "/jobs/0198/pages/12", "/?q=a"}) {
    const Reply reply = Get(target, kBrowser);
    EXPECT_EQ(reply.status, 200) << target;
    EXPECT_EQ(reply.body, kHtml);
    EXPECT_EQ(reply.header("Content-Type"), "text/html; charset=utf-8");
    EXPECT_EQ(reply.header("Cache-Control"), "no-cache");
    EXPECT_EQ(reply.header("Vary"), "Accept, Accept-Encoding");
    EXPECT_EQ(reply.header("X-Content-Type-Options"), "nosniff");
  }
  for (const char* target : {"/jobs", "/jobs/", "/jobs/1/pages", "/jobs/1/pages/", "/jobs/1/2/3",
                             "/jobs/1/pages/2/3", "/other", "/docs/", "/assets/absent.js", "//"}) {
    EXPECT_EQ(Get(target, kBrowser).status, 404) << target;
  }
}

TEST_F(WebPageTest, ProgramsGetTheJsonIndex) {
  for (const char* accept : {"*/*", "application/json", "", "text/html;q=0.5, application/json"}) {
    const Reply reply = Get("/", {{"Accept", accept}});
    EXPECT_EQ(reply.json()["name"], "gnosis-ocr") << accept;
  }
  EXPECT_EQ(Get("/jobs/0198").status, 404);
  EXPECT_EQ(Send("POST", "/docs", kBrowser).status, 404);
}

TEST_F(WebPageTest, ThePolicyOfThePageIsNotThatOfTheApi) {
  const std::string page = Get("/", kBrowser).header("Content-Security-Policy");
  EXPECT_EQ(page,
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
            "connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; "
            "form-action 'none'; frame-ancestors 'none'");
  EXPECT_EQ(Get("/assets/app-1a2b.js").header("Content-Security-Policy"), page);
  const Reply api = Get("/api/v1/limits", kBrowser);
  EXPECT_THAT(api.header("Content-Security-Policy"), HasSubstr("sandbox"));
  EXPECT_THAT(api.header("Content-Security-Policy"), Not(HasSubstr("script-src")));
}

TEST_F(WebPageTest, WhatIsNamedAfterItsContentIsKeptForEver) {
  const Reply script = Get("/assets/app-1a2b.js");
  EXPECT_EQ(script.body, "start();");
  EXPECT_EQ(script.header("Content-Type"), "text/javascript; charset=utf-8");
  EXPECT_EQ(script.header("Cache-Control"), "public, max-age=31536000, immutable");
  const Reply icon = Get("/favicon.svg");
  EXPECT_EQ(icon.header("Content-Type"), "image/svg+xml");
  EXPECT_EQ(icon.header("Cache-Control"), "no-cache");
}

TEST_F(WebPageTest, ACopyThatIsStillRightIsNotSentAgain) {
  const std::string tag = Get("/", kBrowser).header("ETag");
  const Reply again = Get("/", And(kBrowser, "If-None-Match", tag));
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.body, "");
  EXPECT_EQ(again.header("ETag"), tag);
  EXPECT_EQ(Get("/", And(kBrowser, "If-None-Match", "\"other\"")).status, 200);
}

TEST_F(WebPageTest, IsSentPackedToWhoeverTakesThat) {
  const std::string plain_tag = Get("/", kBrowser).header("ETag");
  for (const char* takes : {"gzip", "br, GZIP;q=0.5, *;q=0"}) {
    const Reply reply = Get("/", And(kBrowser, "Accept-Encoding", takes));
    EXPECT_EQ(reply.header("Content-Encoding"), "gzip") << takes;
    EXPECT_EQ(reply.body, "packed html");
    EXPECT_NE(reply.header("ETag"), plain_tag);
  }
  for (const char* refuses : {"", "br", "gzip;q=0", "gzip; q=0.0", "xgzip"}) {
    EXPECT_EQ(Get("/", And(kBrowser, "Accept-Encoding", refuses)).body, kHtml) << refuses;
  }
  EXPECT_EQ(Get("/assets/app-1a2b.js", {{"Accept-Encoding", "gzip"}}).body, "start();");
}

TEST_F(WebPageTest, NeedsNoKeyButTheRightHost) {
  EXPECT_EQ(Get("/", And(kBrowser, "Host", "example.com")).status, 403);
  AddKey("laptop", "ada@example.org");
  EXPECT_EQ(Get("/login", kBrowser).status, 200);
  EXPECT_EQ(Get("/assets/app-1a2b.js").status, 200);
  EXPECT_EQ(Get("/").status, 401);
  EXPECT_EQ(Get("/openapi.json", kBrowser).status, 401);
}

TEST_F(ApiTest, WithoutAPageABrowserGetsTheJsonIndex) {
  EXPECT_EQ(Get("/", kBrowser).json()["name"], "gnosis-ocr");
  EXPECT_EQ(Get("/docs", kBrowser).status, 404);
}

}  // namespace
}  // namespace gnosis
