#include "google/credentials.h"

#include <gmock/gmock.h>

#include <fstream>
#include <thread>

#include "base/log.h"
#include "google/encoding.h"
#include "google/signature.h"
#include "support/google_fixture.h"
#include "support/test_keys.h"

namespace gnosis {
namespace {

using testing::HasSubstr;
using testing::Not;

// Answers "token-1", "token-2" and so on, for an hour each, unless it is told otherwise.
class TokenServer final : public HttpClient {
 public:
  Result<HttpReply> Send(const HttpCall& call) override {
    last = call;
    const int number = ++calls;
    if (while_answering) while_answering();
    if (reply) return *reply;
    return HttpReply{.status = 200,
                     .body = DumpJson(Json{{"access_token", "token-" + std::to_string(number)},
                                           {"expires_in", 3600}})};
  }
  HttpCall last;
  std::atomic<int> calls = 0;
  std::optional<Result<HttpReply>> reply;
  std::function<void()> while_answering;
};

class CredentialsTest : public testing::Test {
 protected:
  CredentialsOptions Options() {
    CredentialsOptions options;
    options.metadata_host = "127.0.0.1:1";
    options.timing = clock_.timing();
    return options;
  }
  std::string Write(const std::string& name, const Json& json) {
    const std::string path = folder_.path() / name;
    std::ofstream(path) << DumpJson(json);
    return path;
  }
  std::unique_ptr<TokenSource> Make(const CredentialsOptions& options) {
    auto made = NewCredentials(options, server_);
    EXPECT_TRUE(made.ok()) << made.error().message;
    return made.ok() ? *std::move(made) : nullptr;
  }
  Error Refusal(const Json& file) {
    CredentialsOptions options = Options();
    options.key_file = Write("bad.json", file);
    const auto made = NewCredentials(options, server_);
    return made.ok() ? Error{ErrorCode::kInternal, "was taken", ""} : made.error();
  }

  const TemporaryFolder folder_;
  SleepingClock clock_;
  TokenServer server_;
};

TEST_F(CredentialsTest, TheMetadataServerIsAskedByItsRules) {
  const auto tokens = Make(Options());
  EXPECT_EQ(*tokens->AccessToken(), "token-1");
  EXPECT_EQ(server_.last.url,
            "http://127.0.0.1:1/computeMetadata/v1/instance/service-accounts/default/token");
  EXPECT_EQ(server_.last.headers.Get("Metadata-Flavor"), "Google");
}

TEST_F(CredentialsTest, ATokenIsKeptUntilFiveMinutesBeforeItsEnd) {
  const auto tokens = Make(Options());
  EXPECT_EQ(*tokens->AccessToken(), "token-1");
  clock_.Advance(Seconds(3600 - 301));
  EXPECT_EQ(*tokens->AccessToken(), "token-1");
  clock_.Advance(Seconds(1));
  EXPECT_EQ(*tokens->AccessToken(), "token-2");
}

TEST_F(CredentialsTest, WhileOneRenewsTheOthersGoOnWithTheOldToken) {
  const auto tokens = Make(Options());
  ASSERT_TRUE(tokens->AccessToken().ok());
  clock_.Advance(Seconds(3400));
  std::string other;
  server_.while_answering = [&] { other = *tokens->AccessToken(); };
  EXPECT_EQ(*tokens->AccessToken(), "token-2");
  EXPECT_EQ(other, "token-1");
}

TEST_F(CredentialsTest, ARenewalThatFailsLeavesTheOldTokenUntilItsEnd) {
  const auto tokens = Make(Options());
  ASSERT_TRUE(tokens->AccessToken().ok());
  clock_.Advance(Seconds(3400));
  server_.reply = HttpReply{.status = 403, .body = "no"};
  EXPECT_EQ(*tokens->AccessToken(), "token-1");
  const int calls = server_.calls;
  EXPECT_EQ(*tokens->AccessToken(), "token-1");
  EXPECT_EQ(server_.calls, calls) << "not tried again at once";
  clock_.Advance(Seconds(200));
  EXPECT_EQ(tokens->AccessToken().code(), ErrorCode::kPermission);
  server_.reply.reset();
  EXPECT_THAT(*tokens->AccessToken(), HasSubstr("token-"));
}

TEST_F(CredentialsTest, OfManyThatNeedTheFirstTokenOneFetchesIt) {
  const auto tokens = Make(Options());
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) threads.emplace_back([&] { good += tokens->AccessToken().ok(); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 8);
  EXPECT_EQ(server_.calls, 1);
}

TEST_F(CredentialsTest, AForgottenTokenIsNotHandedOutAgain) {
  const auto tokens = Make(Options());
  EXPECT_EQ(*tokens->AccessToken(), "token-1");
  tokens->Forget("another");
  EXPECT_EQ(*tokens->AccessToken(), "token-1");
  tokens->Forget("token-1");
  EXPECT_EQ(*tokens->AccessToken(), "token-2");
}

TEST_F(CredentialsTest, WithoutAnyCredentialsItSaysWhatToDo) {
  server_.reply = Error{ErrorCode::kUnavailable, "could not connect", ""};
  const auto token = Make(Options())->AccessToken();
  ASSERT_FALSE(token.ok());
  EXPECT_EQ(token.code(), ErrorCode::kUnavailable);
  EXPECT_THAT(token.error().hint, HasSubstr("GOOGLE_APPLICATION_CREDENTIALS"));
}

TEST_F(CredentialsTest, AServiceAccountSignsForItsToken) {
  const TestKey key = TestKey::Rsa();
  CredentialsOptions options = Options();
  options.key_file = Write("key.json", {{"type", "service_account"},
                                        {"client_email", "ocr@demo.example"},
                                        {"private_key_id", "k1"},
                                        {"private_key", key.PrivatePem()},
                                        {"token_uri", "https://oauth2.example/token"}});
  options.well_known_file = Write("other.json", "never read");
  EXPECT_EQ(*Make(options)->AccessToken(), "token-1");
  EXPECT_EQ(server_.last.url, "https://oauth2.example/token");
  const std::string& body = server_.last.body;
  const size_t begin = body.find("&assertion=") + 11, dot = body.find('.', begin);
  const size_t second_dot = body.find('.', dot + 1);
  EXPECT_THAT(body, HasSubstr("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&"));
  const Json header = *ParseJson(*FromBase64Url(body.substr(begin, dot - begin)));
  EXPECT_EQ(header["alg"], "RS256");
  EXPECT_EQ(header["kid"], "k1");
  const Json claims = *ParseJson(*FromBase64Url(body.substr(dot + 1, second_dot - dot - 1)));
  EXPECT_EQ(claims["iss"], "ocr@demo.example");
  EXPECT_EQ(claims["aud"], "https://oauth2.example/token");
  EXPECT_EQ(claims["exp"].get<int64_t>() - claims["iat"].get<int64_t>(), 3600);
  const auto public_key =
      NewRsaKey(key.Part(OSSL_PKEY_PARAM_RSA_N), key.Part(OSSL_PKEY_PARAM_RSA_E));
  ASSERT_TRUE(public_key.ok());
  EXPECT_TRUE((*public_key)
                  ->Verifies(body.substr(begin, second_dot - begin),
                             *FromBase64Url(body.substr(second_dot + 1))));
}

TEST_F(CredentialsTest, AUsersFileRefreshesAndIsFoundAtItsWellKnownPath) {
  CredentialsOptions options = Options();
  options.well_known_file = Write("adc.json", {{"type", "authorized_user"},
                                               {"client_id", "id&1"},
                                               {"client_secret", "hush"},
                                               {"refresh_token", "1//r"}});
  EXPECT_EQ(*Make(options)->AccessToken(), "token-1");
  EXPECT_EQ(server_.last.url, "https://oauth2.googleapis.com/token");
  EXPECT_EQ(server_.last.body,
            "grant_type=refresh_token&client_id=id%261&client_secret=hush&refresh_token=1%2F%2Fr");
}

TEST_F(CredentialsTest, RefusesFilesThatAreNone) {
  const std::string pem = TestKey::Rsa().PrivatePem();
  const Json good{{"type", "service_account"}, {"client_email", "a"}, {"private_key", pem}};
  ASSERT_EQ(Refusal(good).message, "was taken");
  const auto with = [&](const char* field, const Json& value) {
    Json json = good;
    json[field] = value;
    return json;
  };
  for (const Json& file :
       {Json("text"), Json::object(), with("type", "external_account"), with("client_email", ""),
        with("private_key", "-----BEGIN"), with("private_key", TestKey::Ec().PrivatePem()),
        with("token_uri", "http://evil.example/token"), with("token_uri", "file:///etc/passwd"),
        with("token_uri", "http://localhost:1@evil.example/")}) {
    const Error error = Refusal(file);
    EXPECT_EQ(error.code, ErrorCode::kInvalidArgument) << DumpJson(file);
    EXPECT_THAT(error.message, Not(HasSubstr("PRIVATE")));
  }
  EXPECT_EQ(Refusal(with("token_uri", "http://127.0.0.1:9/token")).message, "was taken");
  CredentialsOptions options = Options();
  options.key_file = "/does/not/exist.json";
  EXPECT_EQ(NewCredentials(options, server_).code(), ErrorCode::kNotFound);
}

TEST_F(CredentialsTest, NoSecretIsInALogOrAnError) {
  const std::string pem = TestKey::Rsa().PrivatePem();
  const std::string key_text = pem.substr(100, 40);
  testing::internal::CaptureStderr();
  SetLogLevel(LogLevel::kDebug);
  std::string errors;
  const auto note = [&](const auto& result) {
    if (!result.ok()) errors += result.error().message + result.error().hint;
  };
  for (const char* type : {"service_account", "authorized_user"}) {
    CredentialsOptions options = Options();
    options.key_file = Write("key.json", {{"type", type},
                                          {"client_email", "a"},
                                          {"private_key", pem},
                                          {"client_id", "id"},
                                          {"client_secret", "hush"},
                                          {"refresh_token", "1//refresh"}});
    const auto tokens = Make(options);
    (void)tokens->AccessToken();
    for (const int status : {200, 400, 403, 503}) {
      server_.reply = HttpReply{.status = status, .body = R"({"access_token":"ya29 secret"})"};
      tokens->Forget("token-1");
      tokens->Forget("token-2");
      note(tokens->AccessToken());
    }
    server_.reply.reset();
  }
  Log(LogLevel::kInfo, "seen");
  const std::string log = testing::internal::GetCapturedStderr();
  SetLogLevel(LogLevel::kInfo);
  EXPECT_THAT(log, HasSubstr("seen"));
  EXPECT_NE(errors, "");
  for (const std::string& secret :
       {std::string("token-1"), std::string("hush"), std::string("1//refresh"), key_text}) {
    EXPECT_THAT(log + errors, Not(HasSubstr(secret)));
  }
}

TEST(CredentialsWithFake, TheFakesMetadataServerGivesATokenThatCloudStorageTakes) {
  FakeServer metadata("tasks_server.py");
  FakeServer storage("storage_server.py", {"--bucket", "attic"});
  const auto http = NewHttpClient({});
  SleepingClock clock;
  CredentialsOptions options;
  options.metadata_host = metadata.url().substr(7);
  options.timing = clock.timing();
  const auto tokens = *NewCredentials(options, *http);
  CloudStorageOptions store_options;
  store_options.bucket = "attic";
  store_options.endpoint = storage.url();
  store_options.timing = clock.timing();
  const auto store = NewCloudStorageStore(store_options, *http, *tokens);
  storage.Admin("/_settings", {{"tokens", {"ya29.fake-1", "unused"}}});
  EXPECT_TRUE(store->Write("a", "1", kAbsent).ok());
  // Expired in the middle: the next one is taken, without a word.
  storage.Admin("/_settings", {{"tokens", {"ya29.fake-2", "unused"}}});
  EXPECT_TRUE(store->Write("a", "2", kAnyGeneration).ok());
  storage.Admin("/_settings", {{"tokens", {"none", "unused"}}});
  const auto refused = store->Write("a", "3", kAnyGeneration);
  EXPECT_EQ(refused.code(), ErrorCode::kPermission);
}

}  // namespace
}  // namespace gnosis
