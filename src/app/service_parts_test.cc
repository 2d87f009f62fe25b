#include "app/service_parts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/log.h"
#include "door/key_ring.h"
#include "support/hand_clock.h"
#include "support/memory_store.h"
#include "support/printed.h"

namespace gnosis {
namespace {

class WhoMayCallTest : public testing::Test {
 protected:
  static Settings SettingsWith(std::map<std::string, std::string> flags) {
    SettingSources sources;
    sources.flags = std::move(flags);
    sources.environment = [](const std::string&) { return std::nullopt; };
    return *LoadSettings(sources);
  }
  Status Check(std::map<std::string, std::string> flags) {
    return CheckWhoMayCall(SettingsWith(std::move(flags)), store_);
  }
  void AddKey() {
    const Status added = ChangeApiKeys(store_, [&](std::vector<ApiKey>& keys) {
      return AddApiKey(keys, "desk", "ada@example.org", "secret", HandClock().now);
    });
    ASSERT_TRUE(added.ok());
  }

  MemoryStore store_;
};

TEST_F(WhoMayCallTest, OnLoopbackAnybody) {
  for (const char* host : {"127.0.0.1", "localhost", "::1"}) {
    EXPECT_TRUE(Check({{"HOST", host}}).ok()) << host;
  }
}

TEST_F(WhoMayCallTest, OnANetworkThereMustBeKeysOrTheWillToDoWithout) {
  for (const char* host : {"0.0.0.0", "192.168.1.7", "::"}) {
    const Status refused = Check({{"HOST", host}});
    EXPECT_EQ(refused.code(), ErrorCode::kPermission) << host;
    EXPECT_THAT(refused.error().hint, testing::HasSubstr("keys add"));
    EXPECT_TRUE(Check({{"HOST", host}, {"INSECURE_NO_AUTH", "true"}}).ok());
  }
  AddKey();
  EXPECT_TRUE(Check({{"HOST", "0.0.0.0"}}).ok());
}

TEST_F(WhoMayCallTest, AKeyFileThatIsDamagedStopsEverybody) {
  ASSERT_TRUE(store_.Write(std::string(kApiKeysKey), "{", kAbsent).ok());
  EXPECT_EQ(Check({{"HOST", "127.0.0.1"}}).code(), ErrorCode::kDamaged);
  EXPECT_EQ(Check({{"HOST", "0.0.0.0"}, {"INSECURE_NO_AUTH", "true"}}).code(), ErrorCode::kDamaged);
}

TEST_F(WhoMayCallTest, TokensCountInTheCloudOnly) {
  std::map<std::string, std::string> tokens = {{"HOST", "0.0.0.0"},
                                               {"IAP_AUDIENCE", "/projects/1"}};
  EXPECT_EQ(Check(tokens).code(), ErrorCode::kPermission);
  tokens["RUNNING_IN_CLOUD"] = "true";
  tokens["CLOUD_TASKS_ENABLED"] = "false";
  tokens["GCS_BUCKET_NAME"] = "attic";
  EXPECT_TRUE(Check(tokens).ok());
}

// Of a service: what ends the command line with another code is the environment here.
TEST(RefuseToStart, SaysWhyAndBlamesTheEnvironmentUnlessItWasInterrupted) {
  for (const ErrorCode code : {ErrorCode::kNotFound, ErrorCode::kDamaged, ErrorCode::kPermission,
                               ErrorCode::kInvalidArgument, ErrorCode::kMissingLanguage}) {
    const Printed printed = Capture([&] { return RefuseToStart({code, "it is not", "make it"}); });
    EXPECT_EQ(printed.code, ExitCode::kEnvironment);
    EXPECT_EQ(printed.err, "gnosis-ocr: it is not\n  make it\n");
  }
  const Printed ended = Capture([&] { return RefuseToStart({ErrorCode::kInterrupted, "", ""}); });
  EXPECT_EQ(ended.code, ExitCode::kInterrupted);
}

TEST(LogSweep, SaysWhatExpiredOrWhyNothingCould) {
  SetLogLevel(LogLevel::kInfo);
  const auto said = [](const Result<SweepReport>& swept) {
    return Capture([&] {
             LogSweep(swept);
             return ExitCode::kOk;
           })
        .err;
  };
  EXPECT_EQ(said(SweepReport{}), "");
  EXPECT_THAT(said(SweepReport{.expired = 3}), testing::HasSubstr(" info swept expired=3\n"));
  EXPECT_THAT(said(Error{ErrorCode::kIo, "the disk is broken", ""}),
              testing::HasSubstr(" warning expired sessions could not be swept "
                                 "reason=\"the disk is broken\"\n"));
}

TEST(FitToDescriptors, LeavesFewConnectionsAlone) {
  HttpServerOptions http;
  http.max_connections = 3;
  EXPECT_EQ(FitToDescriptors(http).max_connections, 3);
  http.max_connections = 1'000'000'000;
  const int fitted = FitToDescriptors(http).max_connections;
  EXPECT_GT(fitted, 0);
  EXPECT_LE(fitted, http.max_connections);
}

}  // namespace
}  // namespace gnosis
