// Access control: keys, owners, lock-out, requests per second.
#include "door/access.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "support/api_fixture.h"

namespace gnosis {
namespace {

using testing::HasSubstr;

HttpHeaders With(const std::string& name, const std::string& value) {
  HttpHeaders headers;
  headers.Set(name, value);
  return headers;
}

TEST(PresentedSecret, ComesAsABearerOrAsAKey) {
  EXPECT_EQ(PresentedSecret(With("Authorization", "Bearer abc")), "abc");
  EXPECT_EQ(PresentedSecret(With("authorization", "bearer   abc ")), "abc");
  EXPECT_EQ(PresentedSecret(With("x-api-key", " abc")), "abc");
  EXPECT_EQ(PresentedSecret(With("Authorization", "Bearer ")), std::nullopt);
  EXPECT_EQ(PresentedSecret(With("Authorization", "Basic abc")), std::nullopt);
  EXPECT_EQ(PresentedSecret(With("Authorization", "Bearerabc")), std::nullopt);
  EXPECT_EQ(PresentedSecret({}), std::nullopt);
  // A proxy's own password does not hide the key.
  HttpHeaders both = With("Authorization", "Basic xyz");
  both.Set("X-API-Key", "abc");
  EXPECT_EQ(PresentedSecret(both), "abc");
}

class AccessTest : public ApiTest {
 protected:
  AccessTest() {
    ada_ = AddKey("laptop", "Ada@Example.org");
    bob_ = AddKey("desk", "bob@example.org");
  }
  static Headers As(const std::string& secret) { return {{"Authorization", "Bearer " + secret}}; }
  Reply From(const std::string& address, const Headers& headers) {
    HttpRequest request = Request("GET", "/api/v1/jobs", headers);
    request.remote_address = address;
    return Begin(std::move(request)).reply();
  }
  std::string SubmitAs(const std::string& secret, const Headers& more = {}) {
    Headers headers = As(secret);
    headers.insert(more.begin(), more.end());
    const Reply reply = Post("/api/v1/jobs", "%PDF-1.7 pages=2", headers);
    EXPECT_EQ(reply.status, 202) << reply.body;
    return JsonString(reply.json(), "job_id").value_or("");
  }

  std::string ada_;
  std::string bob_;
};

TEST_F(AccessTest, WithoutAKeyOnlyTheHealthOfTheServerIsTold) {
  EXPECT_EQ(Get("/livez").status, 200);
  EXPECT_EQ(Get("/readyz").status, 200);
  for (const char* target : {"/", "/api/v1/jobs", "/metrics", "/openapi.json", "/readyz?verbose",
                             "/readyz?verbose=1", "/api/v1/limits", "/no/such/path"}) {
    const Reply reply = Get(target);
    EXPECT_EQ(reply.status, 401) << target;
    EXPECT_EQ(reply.code(), "unauthorized");
    EXPECT_THAT(reply.header("WWW-Authenticate"), HasSubstr("Bearer"));
  }
  EXPECT_EQ(Post("/api/v1/jobs", "%PDF-1.7").status, 401);
  EXPECT_EQ(Send("OPTIONS", "/api/v1/jobs").status, 401);
  EXPECT_TRUE(queue_.tasks.empty());
}

TEST_F(AccessTest, AKeyOpensWhicheverHeaderItComesIn) {
  EXPECT_EQ(Get("/api/v1/jobs", As(ada_)).status, 200);
  EXPECT_EQ(Get("/metrics", {{"X-API-Key", bob_}}).status, 200);
  EXPECT_EQ(Get("/readyz?verbose", As(ada_)).status, 200);
}

TEST_F(AccessTest, WithAKeyHostAndOriginDoNotMatter) {
  Headers headers = As(ada_);
  headers["Host"] = "ocr.example.com";
  headers["Origin"] = "https://other.example.com";
  EXPECT_EQ(Post("/api/v1/jobs", "%PDF-1.7", headers).status, 202);
}

TEST_F(AccessTest, OwnersNeverLearnOfEachOthersJobs) {
  const std::string job = SubmitAs(ada_);
  WorkUntilDone();
  const Reply unknown = Get(Path("00000000-0000-4000-8000-000000000000"), As(bob_));
  for (const char* rest : {"", "/status", "/events", "/pages", "/pages/1", "/pages/1.txt",
                           "/pages/1.json", "/pages/1.png", "/result", "/result?partial=1"}) {
    EXPECT_EQ(Get(Path(job, rest), As(ada_)).status, 200) << rest;
    const Reply reply = Get(Path(job, rest), As(bob_));
    EXPECT_EQ(reply.status, 404) << rest;
    EXPECT_EQ(reply.body, unknown.body) << rest;
  }
  for (const char* action : {"/retry", "/cancel"}) {
    EXPECT_EQ(Post(Path(job, action), "", As(bob_)).body, unknown.body) << action;
  }
  EXPECT_NE(Send("DELETE", Path(job), As(bob_)).status, 500);
  EXPECT_EQ(Get(Path(job), As(ada_)).status, 200);
  EXPECT_EQ(Get("/api/v1/jobs", As(bob_)).json()["jobs"].size(), 0u);
  EXPECT_EQ(Get("/api/v1/jobs", As(ada_)).json()["jobs"].size(), 1u);
}

TEST_F(AccessTest, TheSameIdempotencyKeyOfTwoOwnersIsTwoJobs) {
  const Headers key{{"Idempotency-Key", "invoice-1"}};
  EXPECT_NE(SubmitAs(ada_, key), SubmitAs(bob_, key));
}

TEST_F(AccessTest, TwoKeysOfOneOwnerSeeTheSameJobs) {
  const std::string phone = AddKey("phone", "ada@example.org");
  EXPECT_EQ(Get(Path(SubmitAs(ada_)), As(phone)).status, 200);
}

TEST_F(AccessTest, ARevokedKeyIsNoKeyASecondLater) {
  const std::string job = SubmitAs(ada_);
  RevokeKey("laptop");
  EXPECT_EQ(Get(Path(job), As(ada_)).status, 401);
  EXPECT_EQ(Get("/api/v1/jobs", As(bob_)).status, 200);
}

TEST_F(AccessTest, ANewKeyIsKnownAtOnce) {
  EXPECT_EQ(Get("/api/v1/jobs", As(ada_)).status, 200);
  const std::string phone = AddKey("phone", "ada@example.org");
  clock_.now -= Seconds(1);
  EXPECT_EQ(Get("/api/v1/jobs", As(phone)).status, 200);
}

TEST_F(AccessTest, WhatTakesLongEndsWhenItsKeyIsRevoked) {
  const std::string job = SubmitAs(ada_);
  const Reply stream = Get(Path(job, "/events"), As(ada_));
  std::string said;
  EXPECT_EQ(stream.live->Next(said), LiveBody::Then::kMore);
  Pending poll = Begin(Request("GET", Path(job, "?wait=30"), As(ada_)));
  ASSERT_TRUE(poll.waiting());
  RevokeKey("laptop");
  said.clear();
  EXPECT_EQ(stream.live->Next(said), LiveBody::Then::kEnd);
  EXPECT_EQ(said, "");
  poll.GoOn(Exchange::Why::kWoken);
  EXPECT_EQ(poll.reply().status, 401);
}

// The new key may have been given to someone else.
TEST_F(AccessTest, AKeyThatIsMadeAnewUnderItsNameIsAnotherKey) {
  const std::string job = SubmitAs(ada_);
  const Reply stream = Get(Path(job, "/events"), As(ada_));
  const Reply entered = Send("POST", "/api/v1/session", {}, R"({"key": ")" + ada_ + "\"}");
  const std::string set = entered.header("Set-Cookie");
  const Headers cookie{{"Cookie", set.substr(0, set.find(';'))}};
  const Reply stream_by_cookie = Get(Path(job, "/events"), cookie);
  std::string said;
  EXPECT_EQ(stream.live->Next(said), LiveBody::Then::kMore);
  EXPECT_EQ(stream_by_cookie.live->Next(said), LiveBody::Then::kMore);
  Pending poll = Begin(Request("GET", Path(job, "?wait=30"), As(ada_)));
  ASSERT_TRUE(ChangeApiKeys(*disk_, [&](std::vector<ApiKey>& keys) -> Status {
                RETURN_IF_ERROR(RemoveApiKey(keys, "laptop"));
                return AddApiKey(keys, "laptop", "ada@example.org", NewSecret(), clock_.now);
              }).ok());
  clock_.now += Seconds(1);
  EXPECT_EQ(stream.live->Next(said), LiveBody::Then::kEnd);
  EXPECT_EQ(stream_by_cookie.live->Next(said), LiveBody::Then::kEnd);
  EXPECT_EQ(Get(Path(job), cookie).status, 401);
  poll.GoOn(Exchange::Why::kWoken);
  EXPECT_EQ(poll.reply().status, 401);
}

TEST_F(AccessTest, AnUploadWhoseKeyIsRevokedLeavesNothing) {
  HttpRequest request = Request("POST", "/api/v1/jobs", As(ada_));
  request.has_body = true;
  auto upload = api_->Start(request);
  ASSERT_TRUE(upload->OnBody("%PDF-1.7 pages=1").ok());
  RevokeKey("laptop");
  Answer answer = upload->End(Exchange::Why::kBodyDone);
  EXPECT_EQ(std::get<HttpResponse>(answer).status, 401);
  upload.reset();
  EXPECT_TRUE(disk_->ListFolders(UserFolder(UserHash("ada@example.org")))->empty());
  EXPECT_TRUE(queue_.tasks.empty());
}

TEST_F(AccessTest, WithoutAnyKeyLeftNobodyMayCall) {
  RevokeKey("laptop");
  RevokeKey("desk");
  EXPECT_EQ(Get("/api/v1/jobs").status, 401);
  // Nor if the file vanishes while the server runs.
  ASSERT_TRUE(disk_->Delete(std::string(kApiKeysKey), kAnyGeneration).ok());
  clock_.now += Seconds(1);
  EXPECT_EQ(Get("/api/v1/jobs").status, 401);
  EXPECT_EQ(Get("/api/v1/jobs", As(ada_)).status, 401);
}

TEST_F(AccessTest, ADamagedFileLetsNobodyInUntilItIsRepaired) {
  const auto good = disk_->Read(std::string(kApiKeysKey));
  ASSERT_TRUE(good.ok());
  for (const char* bad :
       {"", "{}", "[]", "{\"keys\": 3}", "\xff", "{\"schema_version\":2,\"keys\":[]}"}) {
    ASSERT_TRUE(disk_->Write(std::string(kApiKeysKey), bad, kAnyGeneration).ok());
    clock_.now += Seconds(1);
    EXPECT_EQ(Get("/api/v1/jobs", As(ada_)).status, 401) << bad;
  }
  ASSERT_TRUE(disk_->Write(std::string(kApiKeysKey), good->bytes, kAnyGeneration).ok());
  clock_.now += Seconds(1);
  EXPECT_EQ(Get("/api/v1/jobs", As(ada_)).status, 200);
}

TEST_F(AccessTest, AFileThatCannotBeReadJustNowChangesNothing) {
  EXPECT_EQ(Get("/api/v1/limits").status, 401);
  store_->broken = ErrorCode::kIo;
  clock_.now += Seconds(5);
  EXPECT_EQ(Get("/livez").status, 200);
  EXPECT_EQ(Get("/api/v1/limits", As(ada_)).status, 200);
  EXPECT_EQ(Get("/api/v1/limits").status, 401);
}

TEST_F(AccessTest, KeysThatMayNotBeReadLetNobodyInAndSaySo) {
  store_->broken = ErrorCode::kPermission;
  clock_.now += Seconds(1);
  for (int i = 0; i < 2 * options_.access.lock_out.max_failures; ++i) {
    const Reply reply = Get("/api/v1/limits", As(ada_));
    EXPECT_EQ(reply.status, 401);
    EXPECT_THAT(reply.body, HasSubstr("cannot read its API keys"));
  }
  const Reply ready = Get("/readyz");
  EXPECT_EQ(ready.status, 503);
  EXPECT_EQ(ready.json()["failed"], Json::array({"keys"}));
  store_->broken.reset();
  clock_.now += Seconds(1);
  EXPECT_EQ(Get("/api/v1/limits", As(ada_)).status, 200);
  EXPECT_EQ(Get("/readyz").status, 200);
}

// The state after `keys add` was run by a different user than the server's.
TEST_F(ApiTest, AKeysFileThatMayNotBeReadShutsAServerThatWasOpen) {
  EXPECT_EQ(Get("/api/v1/limits").status, 200);
  store_->broken = ErrorCode::kPermission;
  clock_.now += Seconds(1);
  EXPECT_EQ(Get("/api/v1/limits").status, 401);
  EXPECT_EQ(Get("/readyz").json()["failed"], Json::array({"keys"}));
  EXPECT_EQ(Get("/livez").status, 200);
}

TEST_F(AccessTest, ToBeAliveNothingIsAskedOfTheStore) {
  clock_.now += Seconds(10);
  const int calls = store_->calls;
  const HttpRequest live = Request("GET", "/livez");
  EXPECT_TRUE(api_->IsQuick(live));
  EXPECT_FALSE(api_->IsQuick(Request("GET", "/readyz")));
  EXPECT_FALSE(api_->IsQuick(Request("POST", "/livez")));
  for (int i = 0; i < 10; ++i) EXPECT_EQ(Begin(live).reply().status, 200);
  EXPECT_EQ(store_->calls, calls);
}

TEST_F(AccessTest, WhoIsLockedOutMakesTheStoreBeAskedForNothing) {
  for (int i = 0; i < options_.access.lock_out.max_failures; ++i) From("10.0.0.1", As("wrong"));
  clock_.now += Seconds(1);
  EXPECT_EQ(From("10.0.0.2", {}).status, 401);  // the list has been refreshed
  const int calls = store_->calls;
  EXPECT_EQ(From("10.0.0.1", As("wrong")).status, 429);
  EXPECT_EQ(store_->calls, calls);
  EXPECT_EQ(From("10.0.0.2", As("wrong")).status, 401);
  EXPECT_EQ(store_->calls, calls + 1);
  // A flood from many addresses leads to one query per second.
  for (int i = 0; i < 500; ++i) From("10.0.1." + std::to_string(i % 250), As("wrong"));
  EXPECT_EQ(store_->calls, calls + 1);
}

TEST_F(AccessTest, WhatAProxySaysOfTheAddressIsNotBelieved) {
  for (int i = 0; i < options_.access.lock_out.max_failures; ++i) {
    Headers headers = As("wrong");
    headers["X-Forwarded-For"] = "10.1.1." + std::to_string(i);
    headers["Forwarded"] = "for=10.1.1." + std::to_string(i);
    EXPECT_EQ(From("10.0.0.1", headers).status, 401);
  }
  EXPECT_EQ(From("10.0.0.1", As("wrong")).status, 429);
}

TEST_F(AccessTest, WhoTriesWrongKeysIsLockedOutAndARightKeyStillOpens) {
  const int allowed = options_.access.lock_out.max_failures;
  for (int i = 0; i < allowed; ++i) EXPECT_EQ(From("10.0.0.1", As("wrong")).status, 401);
  const Reply locked = From("10.0.0.1", As("wrong"));
  EXPECT_EQ(locked.status, 429);
  EXPECT_EQ(locked.code(), "too_many_requests");
  EXPECT_EQ(locked.header("Retry-After"), "60");
  EXPECT_THAT(locked.body, HasSubstr("LOCK_OUT_TIME"));
  EXPECT_EQ(From("10.0.0.1", {}).status, 401);
  EXPECT_EQ(From("10.0.0.2", As("wrong")).status, 401);
  EXPECT_EQ(From("10.0.0.1", As(ada_)).status, 200);
  clock_.now += Seconds(60);
  EXPECT_EQ(From("10.0.0.1", As("wrong")).status, 401);
}

TEST_F(AccessTest, OfIpv6TheNetworkIsLockedOut) {
  for (int i = 0; i < options_.access.lock_out.max_failures; ++i) {
    From("2001:db8:1:2::" + std::to_string(i), As("wrong"));
  }
  EXPECT_EQ(From("2001:db8:1:2:ffff::9", As("wrong")).status, 429);
  EXPECT_EQ(From("2001:db8:1:3::9", As("wrong")).status, 401);
}

TEST_F(AccessTest, RequestsPerSecondAreAnOwnersOrAnAddresss) {
  options_.access.max_requests_per_second = 5;
  StartApi();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(From("10.0.0.1", As(ada_)).status, 200);
  const Reply sixth = From("10.0.0.2", As(ada_));
  EXPECT_EQ(sixth.status, 429);
  EXPECT_EQ(sixth.header("Retry-After"), "1");
  EXPECT_THAT(sixth.body, HasSubstr("5 requests"));
  EXPECT_THAT(sixth.body, HasSubstr("MAX_REQUESTS_PER_SECOND"));
  EXPECT_EQ(From("10.0.0.1", As(bob_)).status, 200);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(From("10.0.0.1", {}).status, 401);
  EXPECT_EQ(From("10.0.0.1", {}).status, 429);
  clock_.now += Milliseconds(200);
  EXPECT_EQ(From("10.0.0.1", As(ada_)).status, 200);
  EXPECT_EQ(From("10.0.0.1", As(ada_)).status, 429);
}

TEST_F(ApiTest, KeysComeIntoForceWhileTheServerRuns) {
  const std::string job = Submit();
  EXPECT_EQ(Get(Path(job)).status, 200);
  const std::string local = AddKey("me", std::string(kLocalUserEmail));
  EXPECT_EQ(Get(Path(job)).status, 401);
  EXPECT_EQ(Get(Path(job), {{"X-API-Key", local}}).status, 200);
}

class AuditTest : public AccessTest {
 protected:
  // Everything logged while `act` ran.
  template <typename Act>
  static std::string Logged(Act act) {
    testing::internal::CaptureStderr();
    act();
    return testing::internal::GetCapturedStderr();
  }
};

TEST_F(AuditTest, EveryActionOnAJobIsALineWithoutKeysAndNames) {
  std::string job;
  const std::string submitted = Logged([&] {
    job = JsonString(
              Post("/api/v1/jobs?file_name=secret-merger.pdf", "%PDF-1.7 pages=1", As(ada_)).json(),
              "job_id")
              .value_or("");
  });
  for (const std::string& part :
       {std::string("audit action=submit"), std::string("owner=ada@example.org"),
        std::string("key=laptop"), "job=" + job, std::string("status=202")}) {
    EXPECT_THAT(submitted, HasSubstr(part));
  }
  EXPECT_THAT(submitted, testing::Not(HasSubstr("secret-merger")));
  EXPECT_THAT(submitted, testing::Not(HasSubstr(ada_)));
  EXPECT_THAT(Logged([&] { Send("DELETE", Path(job), As(bob_)); }),
              HasSubstr("action=delete owner=bob@example.org"));
  EXPECT_THAT(Logged([&] { Post(Path(job, "/cancel"), "", As(ada_)); }),
              HasSubstr("action=cancel"));
  EXPECT_THAT(Logged([&] { Send("DELETE", Path("no-id%0Aforged"), As(ada_)); }),
              testing::AllOf(HasSubstr("job=none"), testing::Not(HasSubstr("forged"))));
  EXPECT_EQ(Logged([&] { Get(Path(job), As(ada_)); }), "");
}

TEST_F(AuditTest, AWrongKeyIsLoggedWithItsAddressOnly) {
  const std::string line = Logged([&] { From("10.0.0.9", As("a-wrong-secret")); });
  EXPECT_THAT(line, HasSubstr("address=10.0.0.9"));
  EXPECT_THAT(line, testing::Not(HasSubstr("a-wrong-secret")));
}

// Users with tokens signed by someone else, and no keys at all.
class TokenAccessTest : public ApiTest {
 protected:
  TokenAccessTest() {
    options_.access.hosts.exposure = Exposure::kNetwork;
    options_.access.token_users =
        [](const HttpRequest& request) -> std::optional<Result<std::string>> {
      const auto token = request.headers.Get("X-Token");
      if (!token) return std::nullopt;
      if (*token == "expired") return Error{ErrorCode::kInvalidArgument, "expired", ""};
      return *token;
    };
    StartApi();
  }
  static Headers As(const std::string& email) { return {{"X-Token", email}}; }
};

TEST_F(TokenAccessTest, NobodyComesInWithoutOne) {
  EXPECT_EQ(Get("/api/v1/jobs").status, 401);
  EXPECT_EQ(Get("/api/v1/jobs", As("expired")).status, 401);
  EXPECT_EQ(Get("/api/v1/jobs", {{"Authorization", "Bearer anything"}}).status, 401);
  EXPECT_EQ(Get("/livez").status, 200);
}

TEST_F(TokenAccessTest, EverybodySeesTheirOwnJobs) {
  const Reply mine = Post("/api/v1/jobs", "%PDF-1.7 pages=2", As("ada@example.org"));
  ASSERT_EQ(mine.status, 202) << mine.body;
  const std::string path = "/api/v1/jobs/" + *JsonString(mine.json(), "job_id");
  EXPECT_EQ(Get(path, As("ada@example.org")).status, 200);
  EXPECT_EQ(Get(path, As("bob@example.org")).status, 404);
}

TEST_F(TokenAccessTest, HoweverTheAddressIsTypedItIsOnePerson) {
  const std::string key = AddKey("laptop", "Ada@Example.Org");
  const Reply mine = Post("/api/v1/jobs", "%PDF-1.7 pages=2", As("ADA@example.org"));
  ASSERT_EQ(mine.status, 202) << mine.body;
  const std::string path = "/api/v1/jobs/" + *JsonString(mine.json(), "job_id");
  EXPECT_EQ(Get(path, As("ada@EXAMPLE.org")).status, 200);
  EXPECT_EQ(Get(path, {{"Authorization", "Bearer " + key}}).status, 200);
  EXPECT_EQ(Get("/api/v1/session", As("Ada@example.org")).json()["owner"], "ada@example.org");
}

TEST_F(TokenAccessTest, OneThatNamesNobodyWhoCanBeToldApartIsRefused) {
  for (const std::string& email :
       {std::string("127.0.0.1"), std::string("ada"), std::string("ada @example.org"),
        std::string("ada@example.org\0", 16), std::string("\u0430da@example.org"),
        std::string(300, 'a') + "@example.org", std::string("Local@LocalHost")}) {
    EXPECT_EQ(Get("/api/v1/jobs", As(email)).status, 401) << email;
  }
}

TEST_F(TokenAccessTest, AKeyIsAsGood) {
  const std::string key = AddKey("laptop", "ada@example.org");
  EXPECT_EQ(Get("/api/v1/jobs", {{"Authorization", "Bearer " + key}}).status, 200);
}

TEST_F(TokenAccessTest, AnotherSitesPageChangesNothing) {
  Headers headers = As("ada@example.org");
  headers["Origin"] = "https://evil.example";
  headers["Sec-Fetch-Site"] = "cross-site";
  EXPECT_EQ(Post("/api/v1/jobs", "%PDF-1.7 pages=2", headers).code(), "origin_not_allowed");
}

TEST_F(TokenAccessTest, ThePageIsToldThatOneIsWantedAndWhoCame) {
  Json json = Get("/api/v1/session").json();
  EXPECT_EQ(json["authenticated"], false);
  EXPECT_EQ(json["key_required"], true);
  json = Get("/api/v1/session", As("ada@example.org")).json();
  EXPECT_EQ(json["authenticated"], true);
  EXPECT_EQ(json["owner"], "ada@example.org");
}

}  // namespace
}  // namespace gnosis
