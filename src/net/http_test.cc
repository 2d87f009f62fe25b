#include "net/http.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "net/http_head.h"

namespace gnosis {
namespace {

using namespace std::string_view_literals;

using testing::HasSubstr;
using testing::Not;

TEST(HttpHeaders, CompareNamesWithoutRegardToCase) {
  HttpHeaders headers;
  headers.Add("Content-Type", "text/plain");
  EXPECT_EQ(headers.Get("content-TYPE"), "text/plain");
  EXPECT_EQ(headers.Get("Content"), std::nullopt);
}

TEST(HttpHeaders, TheFirstOfSeveralWinsAndSetReplacesThemAll) {
  HttpHeaders headers;
  headers.Add("A", "1");
  headers.Add("a", "2");
  EXPECT_EQ(headers.Get("A"), "1");
  headers.Set("A", "3");
  EXPECT_EQ(headers.all().size(), 1u);
  EXPECT_EQ(headers.Get("a"), "3");
}

TEST(HttpResponse, HasAPhraseForEveryStatusThatTheApiUses) {
  for (const int status : {200, 202, 204, 304, 400, 401, 403, 404, 408, 409, 410, 413,
                           414, 415, 417, 422, 429, 431, 500, 501, 503, 505, 507}) {
    EXPECT_NE(ReasonPhrase(status), "Unknown") << status;
  }
  EXPECT_EQ(ReasonPhrase(799), "Unknown");
}

std::string HeadOf(const HttpResponse& response) {
  return WriteHead(response, FramingOf(response, false), After::kKeepAlive,
                   Time(Seconds(1'752'256'800)));
}

TEST(ResponseHead, IsOneStatusLineThenHeadersWithDateAndLength) {
  EXPECT_EQ(HeadOf(TextResponse(200, "text/plain", "hello")),
            "HTTP/1.1 200 OK\r\nDate: Fri, 11 Jul 2025 18:00:00 GMT\r\n"
            "Content-Type: text/plain\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\n");
}

TEST(ResponseHead, HasNoLengthWhereThereIsNoBody) {
  for (const int status : {204, 304}) {
    EXPECT_THAT(HeadOf({status, {}, std::string("dropped")}), Not(HasSubstr("Content-Length")));
  }
}

TEST(ResponseHead, NeverLetsAHeaderBecomeTwo) {
  HttpResponse response = TextResponse(200, "text/plain", "");
  response.headers.Set("X-File", std::string("a\r\nSet-Cookie: b\0c"sv));
  EXPECT_THAT(HeadOf(response), HasSubstr("X-File: a  Set-Cookie: b c\r\n"));
}

TEST(ResponseHead, TakesNoFramingFromTheHandler) {
  HttpResponse response = TextResponse(200, "text/plain", "hello");
  response.headers.Set("content-length", "7");
  response.headers.Set("transfer-encoding", "chunked");
  response.headers.Set("connection", "upgrade");
  const std::string head = HeadOf(response);
  EXPECT_THAT(head, Not(HasSubstr("chunked")));
  EXPECT_THAT(head, Not(HasSubstr(": 7")));
  EXPECT_THAT(head, Not(HasSubstr("upgrade")));
}

TEST(FaultResponse, IsAProblemWithCodeAndHint) {
  const HttpResponse response = FaultResponse({413, "the body is too large", "split it"});
  EXPECT_EQ(response.headers.Get("Content-Type"), "application/problem+json");
  const auto json = ParseJson(std::get<std::string>(response.body));
  ASSERT_TRUE(json.ok());
  EXPECT_EQ(JsonString(*json, "title"), "Content Too Large");
  EXPECT_EQ(JsonInteger(*json, "status"), 413);
  EXPECT_EQ(JsonString(*json, "code"), "too_large");
  EXPECT_EQ(JsonString(*json, "detail"), "the body is too large");
  EXPECT_EQ(JsonString(*json, "hint"), "split it");
}

RawHead HeadWith(std::string name, std::string value) {
  RawHead head{"POST", "/a?b=c", {}, false, false, std::nullopt};
  head.headers.Add("Host", "localhost");
  head.headers.Add(std::move(name), std::move(value));
  return head;
}

int StatusOf(RawHead head) {
  const auto checked = CheckHead(std::move(head));
  const auto* fault = std::get_if<HttpFault>(&checked);
  return fault ? fault->status : 200;
}

TEST(RequestHead, RefusesWhatLeavesDoubtAboutHostOrBody) {
  EXPECT_EQ(StatusOf(HeadWith("Accept", "*/*")), 200);
  EXPECT_EQ(StatusOf(HeadWith("Host", "other")), 400);
  EXPECT_EQ(StatusOf(HeadWith("Transfer-Encoding", "gzip, chunked")), 501);
  EXPECT_EQ(StatusOf(HeadWith("Expect", "a miracle")), 417);
  RawHead old = HeadWith("Transfer-Encoding", "chunked");
  old.http_1_0 = old.chunked = true;
  EXPECT_EQ(StatusOf(old), 400);
}

TEST(RequestHead, TakesTheHostFromAnAbsoluteTarget) {
  RawHead head = HeadWith("Accept", "*/*");
  head.target = "http://other:80/x";
  const auto checked = CheckHead(std::move(head));
  ASSERT_TRUE(std::holds_alternative<HttpRequest>(checked));
  EXPECT_EQ(std::get<HttpRequest>(checked).headers.Get("Host"), "other:80");
  EXPECT_EQ(std::get<HttpRequest>(checked).path, "/x");
}

}  // namespace
}  // namespace gnosis
