// Signing in: the cookie, what it grants, what it does not, and when it becomes invalid.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "door/sign_in_cookie.h"
#include "support/api_fixture.h"

namespace gnosis {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kSession = "/api/v1/session";
const Time kNow = *ParseTime("2026-01-02T03:04:05Z");

ApiKey KeyNamed(const std::string& name, const std::string& secret) {
  std::vector<ApiKey> keys;
  EXPECT_TRUE(AddApiKey(keys, name, "ada@example.org", secret, kNow).ok());
  return keys.front();
}

TEST(SessionCookie, NamesTheKeyThatSignedIt) {
  const std::vector<ApiKey> keys{KeyNamed("desk", "one"), KeyNamed("a.b-c", "two")};
  for (const ApiKey& key : keys) {
    const std::string value = SignCookie(key, kNow + Seconds(10));
    const ApiKey* found = FindCookieKey(keys, value, kNow);
    ASSERT_NE(found, nullptr) << value;
    EXPECT_EQ(found->name, key.name);
  }
}

TEST(SessionCookie, EndsAtItsTime) {
  const std::vector<ApiKey> keys{KeyNamed("desk", "one")};
  const std::string value = SignCookie(keys[0], kNow + Seconds(10));
  EXPECT_NE(FindCookieKey(keys, value, kNow + Seconds(9)), nullptr);
  EXPECT_EQ(FindCookieKey(keys, value, kNow + Seconds(10)), nullptr);
}

TEST(SessionCookie, NoCharacterOfItCanBeChanged) {
  const std::vector<ApiKey> keys{KeyNamed("desk", "one"), KeyNamed("desl", "two")};
  const std::string value = SignCookie(keys[0], kNow + Seconds(10));
  for (size_t i = 0; i < value.size(); ++i) {
    std::string changed = value;
    changed[i] = changed[i] == '9' ? '8' : char(changed[i] + 1);
    EXPECT_EQ(FindCookieKey(keys, changed, kNow), nullptr) << changed;
    EXPECT_EQ(FindCookieKey(keys, value.substr(0, i), kNow), nullptr);
  }
  for (const char* bad : {"", ".", "..", "desk", "desk.1", "desk.9999999999.", "desk..aa"}) {
    EXPECT_EQ(FindCookieKey(keys, bad, kNow), nullptr) << bad;
  }
}

TEST(SessionCookie, AKeyOfTheSameNameIsAnotherKey) {
  const std::string value = SignCookie(KeyNamed("desk", "one"), kNow + Seconds(10));
  EXPECT_EQ(FindCookieKey({KeyNamed("desk", "two")}, value, kNow), nullptr);
}

TEST(SessionCookie, IsFoundAmongOthers) {
  HttpHeaders headers;
  EXPECT_EQ(PresentedCookie(headers), std::nullopt);
  headers.Set("Cookie", "theme=dark; xgnosis_session=1; gnosis_session=a.b.c ;x=y");
  EXPECT_EQ(PresentedCookie(headers), "a.b.c");
  headers.Set("Cookie", "gnosis_session");
  EXPECT_EQ(PresentedCookie(headers), std::nullopt);
}

class SessionTest : public ApiTest {
 protected:
  SessionTest() : secret_(AddKey("laptop", "ada@example.org")) {}

  Reply SignIn(const std::string& key, const Headers& headers = {}) {
    return Post(kSession, DumpJson({{"key", key}}), headers);
  }
  // As a browser returns it.
  static std::string CookieOf(const Reply& reply) {
    const std::string header = reply.header("Set-Cookie");
    return header.substr(0, header.find(';'));
  }
  // A call from the web page.
  static Headers With(const std::string& cookie) {
    return {{"Cookie", cookie}, {"X-Gnosis-Request", "1"}};
  }
  template <typename Act>
  static std::string Logged(Act act) {
    testing::internal::CaptureStderr();
    act();
    return testing::internal::GetCapturedStderr();
  }

  const std::string secret_;
};

TEST_F(SessionTest, AKeyBecomesACookieThatOpensWhatTheKeyOpens) {
  const Reply reply = SignIn(secret_);
  EXPECT_EQ(reply.status, 204);
  EXPECT_EQ(reply.body, "");
  const std::string cookie = CookieOf(reply);
  EXPECT_EQ(reply.header("Set-Cookie"),
            cookie + "; HttpOnly; SameSite=Strict; Path=/; Max-Age=2592000");
  EXPECT_THAT(cookie, Not(HasSubstr(secret_)));
  const Reply job = Post("/api/v1/jobs", "%PDF-1.7 pages=1", With(cookie));
  EXPECT_EQ(job.status, 202);
  const std::string id = *JsonString(job.json(), "job_id");
  EXPECT_EQ(Get(Path(id), {{"Cookie", cookie}}).status, 200);
  EXPECT_EQ(Get(Path(id), {{"X-API-Key", secret_}}).status, 200);
  EXPECT_EQ(Get(Path(id)).status, 401);
}

TEST_F(SessionTest, TheSessionSaysWhoIsCalling) {
  const Json nobody = Get(kSession).json();
  EXPECT_EQ(nobody, Json::parse(R"({"authenticated":false,"key_required":true,"owner":null})"));
  const Json ada =
      Json::parse(R"({"authenticated":true,"key_required":true,"owner":"ada@example.org"})");
  EXPECT_EQ(Get(kSession, {{"Cookie", CookieOf(SignIn(secret_))}}).json(), ada);
  EXPECT_EQ(Get(kSession, {{"X-API-Key", secret_}}).json(), ada);
  EXPECT_EQ(Get(kSession, {{"Cookie", "gnosis_session=laptop.1.2"}}).json(), nobody);
  EXPECT_EQ(Get(kSession, {{"X-API-Key", "wrong"}}).status, 401);
}

TEST_F(ApiTest, WithoutKeysNobodyHasToSignIn) {
  EXPECT_EQ(
      Get(kSession).json(),
      Json::parse(R"({"authenticated":true,"key_required":false,"owner":"local@localhost"})"));
  EXPECT_EQ(Post(kSession, R"({"key":"x"})").code(), "conflict");
}

TEST_F(SessionTest, AWrongKeyIsRefusedAndCountsForTheLockOut) {
  const int allowed = options_.access.lock_out.max_failures;
  for (int i = 0; i < allowed; ++i) EXPECT_EQ(SignIn("wrong").status, 401);
  const Reply locked = SignIn("wrong");
  EXPECT_EQ(locked.status, 429);
  EXPECT_EQ(locked.header("Retry-After"), "60");
  EXPECT_EQ(locked.header("Set-Cookie"), "");
  EXPECT_EQ(SignIn(secret_).status, 204);
  for (const char* body : {"", "{}", "[]", "{\"key\":1}", "key"}) {
    EXPECT_EQ(Post(kSession, body).status, 400) << body;
  }
}

TEST_F(SessionTest, ACookieDiesWithItsKeyAndAtItsTime) {
  const std::string other = AddKey("desk", "ada@example.org");
  const std::string cookie = CookieOf(SignIn(secret_));
  const std::string other_cookie = CookieOf(SignIn(other));
  RevokeKey("laptop");
  const Reply refused = Get("/api/v1/jobs", {{"Cookie", cookie}});
  EXPECT_EQ(refused.status, 401);
  EXPECT_THAT(refused.body, HasSubstr("sign in again"));
  EXPECT_EQ(Get("/api/v1/jobs", {{"Cookie", other_cookie}}).status, 200);
  clock_.now += kSignInTime;
  EXPECT_EQ(Get("/api/v1/jobs", {{"Cookie", other_cookie}}).status, 401);
}

TEST_F(SessionTest, ACookieOutlivesARestart) {
  const std::string cookie = CookieOf(SignIn(secret_));
  StartApi();
  EXPECT_EQ(Get("/api/v1/jobs", {{"Cookie", cookie}}).status, 200);
}

TEST_F(SessionTest, WithACookieOnlyOurOwnPageMayChangeAnything) {
  const std::string cookie = CookieOf(SignIn(secret_));
  for (const char* method : {"POST", "PUT", "PATCH", "DELETE"}) {
    const Reply reply = Send(method, "/api/v1/jobs", {{"Cookie", cookie}});
    EXPECT_EQ(reply.status, 403) << method;
    EXPECT_EQ(reply.code(), "csrf");
  }
  EXPECT_EQ(Send("DELETE", kSession, {{"Cookie", cookie}}).code(), "csrf");
  Headers elsewhere = With(cookie);
  elsewhere["Origin"] = "https://other.example.com";
  EXPECT_EQ(Post("/api/v1/jobs", "%PDF-1.7 pages=1", elsewhere).code(), "origin_not_allowed");
  elsewhere["Origin"] = "http://localhost:7799";
  EXPECT_EQ(Post("/api/v1/jobs", "%PDF-1.7 pages=1", elsewhere).status, 202);
  EXPECT_EQ(SignIn(secret_, {{"Origin", "https://other.example.com"}}).code(),
            "origin_not_allowed");
  // Browsers do not add keys in headers by themselves.
  EXPECT_EQ(
      Post("/api/v1/jobs", "%PDF-1.7 pages=1", {{"Cookie", cookie}, {"X-API-Key", secret_}}).status,
      202);
}

TEST_F(SessionTest, OverHttpsTheCookieNeverTravelsInTheClear) {
  EXPECT_THAT(SignIn(secret_, {{"X-Forwarded-Proto", "https"}}).header("Set-Cookie"),
              testing::EndsWith("; Secure"));
  EXPECT_THAT(SignIn(secret_, {{"Origin", "https://localhost:7799"}}).header("Set-Cookie"),
              testing::EndsWith("; Secure"));
  EXPECT_THAT(SignIn(secret_, {{"Origin", "http://localhost:7799"}}).header("Set-Cookie"),
              Not(HasSubstr("Secure")));
}

TEST_F(SessionTest, LoggingOutTakesTheCookieBack) {
  const std::string cookie = CookieOf(SignIn(secret_));
  const Reply reply = Send("DELETE", kSession, With(cookie));
  EXPECT_EQ(reply.status, 204);
  EXPECT_EQ(reply.header("Set-Cookie"),
            "gnosis_session=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0");
  EXPECT_EQ(Send("DELETE", kSession).status, 204);
}

TEST_F(SessionTest, LoggingInAndOutAreLinesWithoutKeyAndCookie) {
  std::string cookie;
  EXPECT_THAT(Logged([&] { cookie = CookieOf(SignIn(secret_)); }),
              AllOf(HasSubstr("audit action=log_in owner=ada@example.org key=laptop"),
                    Not(HasSubstr(secret_))));
  EXPECT_THAT(Logged([&] { SignIn("a-wrong-secret"); }),
              AllOf(HasSubstr("action=log_in owner=nobody"), HasSubstr("status=401"),
                    Not(HasSubstr("a-wrong-secret"))));
  EXPECT_THAT(
      Logged([&] { Send("DELETE", kSession, With(cookie)); }),
      AllOf(HasSubstr("action=log_out owner=ada@example.org"), Not(HasSubstr(cookie.substr(20)))));
}

}  // namespace
}  // namespace gnosis
