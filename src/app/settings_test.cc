#include "app/settings.h"

#include <gtest/gtest.h>

#include <fstream>

#include "app/machine.h"
#include "app/progress_bar.h"
#include "base/file.h"

namespace gnosis {
namespace {

SettingSources With(std::map<std::string, std::string> environment) {
  SettingSources sources;
  sources.environment = [environment = std::move(environment)](
                            const std::string& name) -> std::optional<std::string> {
    const auto found = environment.find(name);
    return found == environment.end() ? std::nullopt : std::optional(found->second);
  };
  return sources;
}

std::string OriginOf(const Settings& settings, const std::string& name) {
  for (const Setting& setting : settings.all) {
    if (setting.name == name) return setting.origin;
  }
  return "no such setting";
}

TEST(Settings, HaveDefaults) {
  const auto settings = LoadSettings(With({}));
  ASSERT_TRUE(settings.ok()) << settings.error().message;
  EXPECT_EQ(settings->http.host, "127.0.0.1");
  EXPECT_EQ(settings->http.port, 7799);
  EXPECT_EQ(settings->max_upload_bytes, 500'000'000u);
  EXPECT_EQ(settings->session_ttl, Seconds(7 * 24 * 3600));
  EXPECT_GE(settings->workers, 1);
  EXPECT_EQ(settings->chains, settings->workers);
}

TEST(Settings, AFlagBeatsTheEnvironmentWhichBeatsTheFile) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "config";
  std::ofstream(file) << "# a comment\nPORT=1\nOCR_BATCH_SIZE=3\nMAX_PAGES = 9\n";
  SettingSources sources = With({{"PORT", "2"}, {"OCR_BATCH_SIZE", "4"}});
  sources.flags["PORT"] = "5";
  sources.files = {folder.path() / "absent", file};
  const auto settings = LoadSettings(sources);
  ASSERT_TRUE(settings.ok()) << settings.error().message;
  EXPECT_EQ(settings->http.port, 5);
  EXPECT_EQ(settings->batch_size, 4);
  EXPECT_EQ(settings->max_pages, 9);
  EXPECT_EQ(OriginOf(*settings, "PORT"), "flag");
  EXPECT_EQ(OriginOf(*settings, "OCR_BATCH_SIZE"), "environment");
  EXPECT_EQ(OriginOf(*settings, "MAX_PAGES"), file.string());
}

TEST(Settings, AWrongValueIsNamedWithWhereItCameFrom) {
  const auto settings = LoadSettings(With({{"PORT", "many"}}));
  ASSERT_FALSE(settings.ok());
  EXPECT_EQ(settings.code(), ErrorCode::kInvalidArgument);
  EXPECT_NE(settings.error().message.find("PORT is \"many\" (from environment)"),
            std::string::npos);
}

TEST(Settings, AnUnknownNameInAFileIsAnError) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "config";
  std::ofstream(file) << "PROT=80\n";
  SettingSources sources = With({});
  sources.files = {file};
  EXPECT_EQ(LoadSettings(sources).code(), ErrorCode::kInvalidArgument);
}

TEST(Settings, ZeroKeepsSessionsForEver) {
  EXPECT_FALSE(LoadSettings(With({{"SESSION_TTL", "0"}}))->session_ttl.has_value());
}

TEST(Settings, SizesAndDurationsHaveUnits) {
  EXPECT_EQ(ParseBytes("64KiB"), 65'536u);
  EXPECT_EQ(ParseBytes("1"), 1u);
  EXPECT_EQ(ParseDuration("2h"), Seconds(7200));
  for (const char* wrong : {"", "MB", "-1", "1.5GB", "99999999999999999999", "7 d"}) {
    EXPECT_FALSE(ParseBytes(wrong).has_value()) << wrong;
    EXPECT_FALSE(ParseDuration(wrong).has_value()) << wrong;
  }
}

TEST(Machine, ReadsTheCpuQuota) {
  EXPECT_EQ(ParseCpuMax("150000 100000\n"), 1.5);
  EXPECT_FALSE(ParseCpuMax("max 100000\n").has_value());
  EXPECT_FALSE(ParseCpuMax("").has_value());
  EXPECT_GE(UsableCpus(), 1);
}

TEST(ProgressLine, SaysHowFarHowFastAndHowLong) {
  JobStatus status;
  status.file_name = "letter.pdf";
  status.total_pages = 40;
  status.pages.completed = 9;
  status.pages.failed = 1;
  EXPECT_EQ(ProgressLine(status, 2.0, 100),
            "letter.pdf  [######..................]  10/40 pages  2.0 pages/s  0:15 left");
  EXPECT_LT(ProgressLine(status, 2.0, 40).size(), 40u);
}

}  // namespace
}  // namespace gnosis
