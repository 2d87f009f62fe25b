#include <algorithm>
#include <filesystem>

#include "api/metrics.h"
#include "support/api_fixture.h"

namespace gnosis {
namespace {

class ServerInfoTest : public ApiTest {};

TEST_F(ServerInfoTest, TheRootLeadsOn) {
  const Reply reply = Get("/");
  EXPECT_EQ(reply.status, 200);
  const Json json = reply.json();
  EXPECT_EQ(json["version"], "1.2.3");
  for (const auto& [name, link] : json["links"].items()) {
    EXPECT_EQ(Get(link).status, 200) << name;
  }
}

TEST_F(ServerInfoTest, LanguagesAreThoseInstalled) {
  EXPECT_EQ(Get("/api/v1/languages").json()["languages"], Json({"deu", "eng"}));
}

TEST_F(ServerInfoTest, EnginesModesAndFormatsAreNamed) {
  const Json json = Get("/api/v1/engines").json();
  EXPECT_EQ(json["engines"][0]["name"], "tesseract");
  EXPECT_EQ(json["engines"][0]["version"], "5.3.0");
  EXPECT_EQ(json["formats"][0]["name"], "txt");
  EXPECT_EQ(json["modes"], Json({"auto", "force", "skip"}));
}

TEST_F(ServerInfoTest, LimitsAreThoseInForce) {
  const Json json = Get("/api/v1/limits").json();
  EXPECT_EQ(json["max_upload_bytes"], 5000);
  EXPECT_EQ(json["max_pages"], 5000);
}

TEST_F(ServerInfoTest, AliveEvenWhenNothingElseWorks) {
  store_->broken = ErrorCode::kIo;
  live_workers_ = 0;
  EXPECT_EQ(Get("/livez").status, 200);
}

TEST_F(ServerInfoTest, ReadySaysWhatItLookedAt) {
  EXPECT_EQ(Get("/readyz").json(), Json({{"status", "ready"}}));
  const Json checks = Get("/readyz?verbose").json()["checks"];
  ASSERT_EQ(checks.size(), 6u);
  for (const Json& check : checks) EXPECT_TRUE(check["good"]) << check;
  EXPECT_EQ(Get("/readyz?verbose=1").json()["checks"].size(), 6u);
  EXPECT_EQ(Get("/readyz?verbose=0").json().size(), 1u);
}

TEST_F(ServerInfoTest, NotReadyWithoutWorkers) {
  live_workers_ = 0;
  const Reply reply = Get("/readyz?verbose");
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.json()["status"], "not_ready");
  EXPECT_EQ(reply.header("Retry-After"), "5");
}

TEST_F(ServerInfoTest, ReadySaysHowPageChildrenAreClosedIn) {
  const Json checks = Get("/readyz?verbose").json()["checks"];
  const auto sandbox = std::find_if(checks.begin(), checks.end(),
                                    [](const Json& check) { return check["name"] == "sandbox"; });
  ASSERT_NE(sandbox, checks.end());
  EXPECT_EQ((*sandbox)["detail"],
            "seccomp, no_new_privs, limits, no capabilities, user root, no Landlock");
}

TEST_F(ServerInfoTest, NotReadyWithoutLanguages) {
  std::filesystem::remove_all(models_folder_.path());
  EXPECT_EQ(Get("/readyz").status, 503);
}

TEST_F(ServerInfoTest, NotReadyWithoutADataFolder) {
  std::filesystem::remove_all(folder_.path());
  const Reply reply = Get("/readyz?verbose");
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.body.find(folder_.path().string()), std::string::npos);
}

TEST_F(ServerInfoTest, NotReadyWhenStopping) {
  EXPECT_EQ(Get("/readyz").status, 200);
  api_->StartDraining();
  EXPECT_EQ(Get("/readyz").status, 503);
  EXPECT_EQ(Get("/livez").status, 200);
}

TEST_F(ServerInfoTest, MetricsCountWhatHappened) {
  SubmitAndRead("%PDF-1.7 pages=2");
  Get("/nothing");
  const Reply reply = Get("/metrics");
  EXPECT_EQ(reply.header("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  const auto expect_line = [&](const std::string& line) {
    EXPECT_NE(reply.body.find("\n" + line + "\n"), std::string::npos) << line << reply.body;
  };
  expect_line(
      "gnosis_http_requests_total{method=\"POST\",route=\"/api/v1/jobs\",status=\"202\"} 1");
  expect_line("gnosis_http_requests_total{method=\"GET\",route=\"none\",status=\"404\"} 1");
  expect_line("gnosis_http_request_seconds_count{method=\"POST\",route=\"/api/v1/jobs\"} 1");
  expect_line("gnosis_jobs_submitted_total 1");
  expect_line("gnosis_pages_processed_total 2");
  expect_line("gnosis_batches_total{verdict=\"acknowledge\"} 2");
  expect_line("gnosis_queue_depth 4");
  expect_line("gnosis_live_workers 2");
}

TEST_F(ServerInfoTest, CallersCannotMakeSeriesWithoutEnd) {
  const auto lines = [&] {
    const std::string body = Get("/metrics").body;
    return std::count(body.begin(), body.end(), '\n');
  };
  Send("BREW", "/nothing/0");
  lines();
  const auto before = lines();
  for (int i = 0; i < 50; ++i) {
    Send("BREW" + std::to_string(i), "/nothing/" + std::to_string(i));
    Get("/metrics", {{"X-Request-Id", std::to_string(i)}});
  }
  EXPECT_EQ(lines(), before);
}

}  // namespace
}  // namespace gnosis
