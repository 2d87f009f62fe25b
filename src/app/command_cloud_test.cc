// `serve` in the cloud, over a stand-in for the bucket: what either role refuses, serves and leaves
// alone, and how it ends.
#include <gmock/gmock.h>

#include <csignal>
#include <cstdlib>

#include "app/cloud_clients.h"
#include "door/key_ring.h"
#include "google/encoding.h"
#include "google/signature.h"
#include "support/google_fixture.h"
#include "support/service_fixture.h"
#include "support/test_keys.h"

namespace gnosis {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class CloudServeTest : public ServiceTest {
 protected:
  static constexpr char kQueue[] = "projects/test/locations/us-central1/queues/ocr-processing";
  static constexpr char kAccount[] = "queue@test.iam.gserviceaccount.com";
  static constexpr char kWorkerUrl[] = "http://worker.test";

  // One stand-in for all tests, with a bucket for each.
  static void SetUpTestSuite() { storage_ = new FakeServer("storage_server.py"); }
  static void TearDownTestSuite() { delete storage_; }

  CloudServeTest() {
    static int buckets = 0;
    bucket_ = fmt::format("attic{}", ++buckets);
    storage_->Admin("/storage/v1/b", {{"name", bucket_}});
    BeWebAndPages();
  }

  // Roles: without a queue, with one, and called by one.
  void BeWebAndPages(std::map<std::string, std::string> changes = {}) {
    changes["CLOUD_TASKS_ENABLED"] = "false";
    BeInCloud(std::move(changes));
  }
  void BeWeb(std::map<std::string, std::string> changes = {}) {
    changes["GOOGLE_CLOUD_PROJECT"] = "test";
    changes["WORKER_URL"] = kWorkerUrl;
    changes["GCP_SERVICE_ACCOUNT"] = kAccount;
    changes.try_emplace("CLOUD_TASKS_EMULATOR_HOST", "127.0.0.1:1");  // nothing is asked of it
    BeInCloud(std::move(changes));
  }
  void BeWorker(std::map<std::string, std::string> changes = {}) {
    changes["IS_WORKER"] = "true";
    BeWeb(std::move(changes));
  }

  std::unique_ptr<CloudClients> Clients() {
    auto clients = CloudClients::Make(settings_.cloud);
    EXPECT_TRUE(clients.ok());
    return *std::move(clients);
  }
  void AddKey() {
    const auto clients = Clients();
    const auto store = clients->NewStore();
    const Status added = ChangeApiKeys(*store, [](std::vector<ApiKey>& keys) {
      return AddApiKey(keys, "desk", "ada@example.org", "secret", SystemClock().Now());
    });
    ASSERT_TRUE(added.ok());
  }
  // A token as the queue would send it, and the list of keys that says whose it is.
  static std::string TokenFor(const std::string& account, const TestKey& key) {
    const int64_t now_s = SystemClock().Now().time_since_epoch() / Seconds(1);
    const Json claims = {{"iss", "https://accounts.google.com"},
                         {"aud", kWorkerUrl},
                         {"email", account},
                         {"email_verified", true},
                         {"iat", now_s},
                         {"exp", now_s + 3600}};
    const std::string text =
        Base64Url(R"({"alg":"RS256","kid":"one"})") + "." + Base64Url(DumpJson(claims));
    return text + "." + Base64Url(*SignRs256(key.PrivatePem(), text));
  }
  static std::string CertificatesOf(const TestKey& key) {
    const Json one = {{"kid", "one"},
                      {"kty", "RSA"},
                      {"alg", "RS256"},
                      {"n", Base64Url(key.Part(OSSL_PKEY_PARAM_RSA_N))},
                      {"e", Base64Url(key.Part(OSSL_PKEY_PARAM_RSA_E))}};
    return DumpJson({{"keys", Json::array({one})}});
  }

  void Put(const std::string& key, const std::string& bytes) {
    ASSERT_TRUE(Clients()->NewStore()->Write(key, bytes, kAbsent).ok());
  }
  std::string Object(const std::string& key) {
    const auto clients = Clients();
    const auto object = clients->NewStore()->Read(key);
    return object.ok() ? object->bytes : "(" + object.error().message + ")";
  }

  static inline FakeServer* storage_;  // that no exit() of a fork ends
  std::string bucket_;

 private:
  void BeInCloud(std::map<std::string, std::string> changes) {
    changes["RUNNING_IN_CLOUD"] = "true";
    changes.try_emplace("HOST", "127.0.0.1");
    changes.try_emplace("GCS_BUCKET_NAME", bucket_);
    changes.try_emplace("STORAGE_EMULATOR_HOST", storage_->url());
    Use(std::move(changes));
  }
};

// Those of a service that was before it, too.
TEST_F(CloudServeTest, TheWebServiceReadsPagesItselfWhereThereIsNoQueue) {
  const SessionKey earlier = Begin("%PDF-1.7 pages=1");
  ServiceProcess service(Serve());
  EXPECT_THAT(service.AwaitListening(),
              AllOf(HasSubstr("role=\"web and pages\""), HasSubstr("bucket=" + bucket_),
                    HasSubstr("workers=2"), HasSubstr("sandbox=\"" + DescribeSeal(*seal_))));
  EXPECT_EQ(service.Ask("GET", "/livez").status, 200);
  EXPECT_EQ(service.Ask("GET", "/readyz").status, 200);
  EXPECT_EQ(service.Ask("POST", "/process-ocr-batch", "{}").status, 404);
  const std::string job = Submit(service, "%PDF-1.7 pages=2");
  ASSERT_NE(job, "");
  EXPECT_EQ(TextOf(service, job), "words of page 1\n\fwords of page 2\n");
  EXPECT_EQ(TextOf(service, earlier.session_id), "words of page 1\n");
  EXPECT_EQ(service.EndBy(SIGTERM), ExitCode::kOk);
  EXPECT_THAT(service.said(), HasSubstr(" stopping\n"));
  EXPECT_EQ(Object(ResultKey({UserHash(kLocalUserEmail), job}, "txt")),
            "words of page 1\n\fwords of page 2\n");
}

TEST_F(CloudServeTest, TheWebServiceLeavesPagesToTheQueue) {
  FakeServer tasks("tasks_server.py", {"--queue", kQueue});
  BeWeb({{"CLOUD_TASKS_EMULATOR_HOST", tasks.url()}});
  ServiceProcess service(Serve());
  EXPECT_THAT(service.AwaitListening(), HasSubstr("role=web "));
  Submit(service, "%PDF-1.7 pages=2");
  EXPECT_EQ(JsonInteger(tasks.Admin("/_stats"), "created"), 1);
  EXPECT_EQ(service.EndBy(SIGTERM), ExitCode::kOk);
}

TEST_F(CloudServeTest, TheWorkerAnswersNobodyButTheQueue) {
  BeWorker();
  ServiceProcess service(Serve());
  EXPECT_THAT(service.AwaitListening(),
              AllOf(HasSubstr("role=worker"), HasSubstr("bucket=" + bucket_),
                    HasSubstr("workers=2"), HasSubstr("sandbox=\"" + DescribeSeal(*seal_))));
  EXPECT_EQ(service.Ask("GET", "/livez").status, 200);
  EXPECT_EQ(service.Ask("GET", "/readyz").status, 200);
  EXPECT_EQ(service.Ask("GET", "/api/v1/jobs").status, 404);
  EXPECT_EQ(service.Ask("GET", "/").status, 404);
  for (const char* path : {"/process-ocr-batch", "/internal/recover"}) {
    EXPECT_EQ(service.Ask("POST", path, "{}").status, 401) << path;
  }
  EXPECT_EQ(service.EndBy(SIGTERM), ExitCode::kOk);
  EXPECT_THAT(service.said(), HasSubstr(" stopping\n"));
}

TEST_F(CloudServeTest, TheWorkerReadsWhatTheQueueBrings) {
  const SessionKey session = Begin("%PDF-1.7 pages=2");
  const TestKey key = TestKey::Rsa();
  Put("certs.json", CertificatesOf(key));
  BeWorker({{"GOOGLE_KEYS_URL",
             fmt::format("{}/storage/v1/b/{}/o/certs.json?alt=media", storage_->url(), bucket_)}});
  ServiceProcess service(Serve());
  service.AwaitListening();
  const auto deliver = [&](const std::string& account) {
    return service.Ask("POST", "/process-ocr-batch",
                       EncodeTask({session, std::string(kLocalUserEmail)}),
                       "Authorization: Bearer " + TokenFor(account, key) + "\r\n");
  };
  EXPECT_EQ(deliver("mallory@test.iam.gserviceaccount.com").status, 403);
  const TestResponse done = deliver(kAccount);
  EXPECT_EQ(done.status, 200) << done.body;
  EXPECT_THAT(done.body, HasSubstr("\"pages_processed\":2"));
  EXPECT_EQ(Object(ResultKey(session, "txt")), "words of page 1\n\fwords of page 2\n");
}

TEST_F(CloudServeTest, OnANetworkTheWebServiceIsRefusedWithoutKeys) {
  BeWebAndPages({{"HOST", "192.0.2.1"}});  // of no machine
  const Refusal refusal = Refused();
  EXPECT_EQ(refusal.code, ExitCode::kEnvironment);
  EXPECT_THAT(refusal.said, StartsWith("gnosis-ocr: 192.0.2.1 is not a loopback address, and there "
                                       "are no API keys\n"));
}

// They come as far as to listen, which they cannot at this address.
TEST_F(CloudServeTest, OnANetworkItStartsWithTokensOrKeys) {
  const auto not_there = StartsWith("gnosis-ocr: cannot listen on 192.0.2.1:0: ");
  BeWebAndPages({{"HOST", "192.0.2.1"}, {"IAP_AUDIENCE", "/projects/1"}});
  const Refusal refusal = Refused();
  EXPECT_EQ(refusal.code, ExitCode::kEnvironment);
  EXPECT_THAT(refusal.said, not_there);
  BeWebAndPages({{"HOST", "192.0.2.1"}});
  AddKey();
  EXPECT_THAT(Refused().said, not_there);
}

TEST_F(CloudServeTest, TheWorkerNeedsNoKeys) {
  BeWorker({{"HOST", "192.0.2.1"}});
  EXPECT_THAT(Refused().said, StartsWith("gnosis-ocr: cannot listen on 192.0.2.1:0: "));
}

TEST_F(CloudServeTest, KeysOfTheBucketCount) {
  AddKey();
  ServiceProcess service(Serve());
  service.AwaitListening();
  EXPECT_EQ(service.Ask("GET", "/api/v1/jobs").status, 401);
  EXPECT_EQ(service.Ask("GET", "/api/v1/jobs", "", "Authorization: Bearer secret\r\n").status, 200);
}

TEST_F(CloudServeTest, IsRefusedABucketThatItMayNotRead) {
  storage_->Admin("/_settings", {{"forbidden", "get_media"}});
  const Refusal refusal = Refused();
  storage_->Admin("/_settings", {{"forbidden", nullptr}});
  EXPECT_EQ(refusal.code, ExitCode::kEnvironment);
  EXPECT_THAT(refusal.said, AllOf(StartsWith("gnosis-ocr: " + std::string(kApiKeysKey)),
                                  HasSubstr("does not have storage.objects access")));
}

TEST_F(CloudServeTest, IsRefusedABucketThatDoesNotExist) {
  BeWebAndPages({{"GCS_BUCKET_NAME", "cellar"}});
  const Refusal refusal = Refused();
  EXPECT_EQ(refusal.code, ExitCode::kEnvironment);
  EXPECT_THAT(refusal.said, HasSubstr("cellar"));
}

TEST_F(CloudServeTest, IsRefusedWithoutItsCredentials) {
  ASSERT_EQ(::setenv("GOOGLE_APPLICATION_CREDENTIALS", "/no/such/key.json", 1), 0);
  for (const bool worker : {false, true}) {
    worker ? BeWorker({{"STORAGE_EMULATOR_HOST", ""}}) : BeWeb({{"STORAGE_EMULATOR_HOST", ""}});
    const Refusal refusal = Refused();
    EXPECT_EQ(refusal.code, ExitCode::kEnvironment);
    EXPECT_THAT(refusal.said,
                AllOf(HasSubstr("/no/such/key.json"),
                      HasSubstr("\n  GOOGLE_APPLICATION_CREDENTIALS must name a readable key")));
  }
  ::unsetenv("GOOGLE_APPLICATION_CREDENTIALS");
}

TEST_F(CloudServeTest, IsRefusedWhenPageChildrenCannotBeSealed) {
  seal_ = Error{ErrorCode::kIo, "there is no seccomp", "use another kernel"};
  const Json before = storage_->Admin("/_stats")["by_op"];
  for (const bool worker : {false, true}) {
    worker ? BeWorker() : BeWebAndPages();
    const Refusal refusal = Refused();
    EXPECT_EQ(refusal.code, ExitCode::kEnvironment);
    EXPECT_EQ(refusal.said, "gnosis-ocr: there is no seccomp\n  use another kernel\n");
  }
  EXPECT_EQ(storage_->Admin("/_stats")["by_op"], before) << "the bucket was asked before";
}

TEST_F(CloudServeTest, IsRefusedWhenItsPortIsTaken) {
  const TakenPort taken;
  for (const bool worker : {false, true}) {
    worker ? BeWorker({{"PORT", taken.port()}}) : BeWebAndPages({{"PORT", taken.port()}});
    const Refusal refusal = Refused();
    EXPECT_EQ(refusal.code, ExitCode::kEnvironment);
    EXPECT_THAT(refusal.said,
                StartsWith("gnosis-ocr: cannot listen on 127.0.0.1:" + taken.port() + ": "));
  }
}

}  // namespace
}  // namespace gnosis
