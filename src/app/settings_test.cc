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

TEST(Settings, AWorkerWithoutAQueueIsRefused) {
  const auto settings = LoadSettings(With({{"RUNNING_IN_CLOUD", "true"},
                                           {"IS_WORKER", "true"},
                                           {"GCS_BUCKET_NAME", "attic"},
                                           {"CLOUD_TASKS_ENABLED", "false"}}));
  EXPECT_EQ(settings.code(), ErrorCode::kInvalidArgument);
  EXPECT_NE(settings.error().message.find("CLOUD_TASKS_ENABLED"), std::string::npos);
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

TEST(Settings, LimitsOfAPageHaveLimitsThemselves) {
  const auto settings = LoadSettings(With({}));
  EXPECT_EQ(settings->page_timeout, Seconds(120));
  EXPECT_EQ(settings->page_cpu_timeout, Seconds(100));
  EXPECT_EQ(settings->open_timeout, Seconds(30));
  EXPECT_EQ(settings->page_memory_bytes, uint64_t{4} << 30);
  EXPECT_EQ(settings->max_page_pixels, 100'000'000);
  EXPECT_EQ(settings->max_page_side, 30'000);
  for (const auto& [name, most, too_much] :
       {std::tuple{"PAGE_TIMEOUT", "1s", "0"}, std::tuple{"PAGE_CPU_TIMEOUT", "1s", "0"},
        std::tuple{"OPEN_TIMEOUT", "1s", "0s"}, std::tuple{"PAGE_MEMORY", "512MiB", "511MiB"},
        std::tuple{"MAX_PAGE_PIXELS", "1000000000", "1000000001"},
        std::tuple{"MAX_PAGE_SIDE", "65500", "65501"}}) {
    EXPECT_TRUE(LoadSettings(With({{name, most}})).ok()) << name;
    const auto refused = LoadSettings(With({{name, too_much}}));
    ASSERT_FALSE(refused.ok()) << name;
    EXPECT_NE(refused.error().message.find(name), std::string::npos);
  }
}

TEST(Settings, SayWhoMayCallAndHowMuch) {
  const auto settings = LoadSettings(With({{"HOST", "0.0.0.0"},
                                           {"ALLOWED_HOSTS", " ocr.lan, ,scan.lan:8080 "},
                                           {"INSECURE_NO_AUTH", "true"},
                                           {"MAX_UPLOAD_BYTES", "10MB"},
                                           {"MAX_JOBS_PER_OWNER", "7"},
                                           {"DISK_FLOOR", "0"},
                                           {"BODY_TIMEOUT", "2m"},
                                           {"MIN_DOWNLOAD_RATE", "5KB"},
                                           {"MAX_UNSENT_BYTES", "1GB"},
                                           {"LOCK_OUT_TIME", "5m"}}));
  ASSERT_TRUE(settings.ok()) << settings.error().message;
  EXPECT_EQ(settings->access.hosts.exposure, Exposure::kNetwork);
  EXPECT_EQ(settings->access.hosts.allowed_hosts,
            (std::vector<std::string>{"ocr.lan", "scan.lan:8080"}));
  EXPECT_TRUE(settings->insecure_no_auth);
  EXPECT_GT(settings->http.max_body_bytes, 10'000'000u);
  EXPECT_EQ(settings->owner_limits.max_jobs, 7);
  EXPECT_EQ(settings->api_limits.disk_floor_bytes, 0u);
  EXPECT_EQ(settings->http.body_idle_timeout, Milliseconds(120'000));
  EXPECT_EQ(settings->http.min_answer_bytes_per_second, 5000u);
  EXPECT_EQ(settings->http.max_unsent_bytes, 1'000'000'000u);
  EXPECT_EQ(settings->access.lock_out.time, Seconds(300));
  EXPECT_EQ(LoadSettings(With({}))->access.hosts.exposure, Exposure::kLoopback);
}

TEST(Settings, LimitsThatMakeNoSenseAreRefused) {
  for (const auto& [name, value] :
       std::vector<std::pair<std::string, std::string>>{{"MAX_CONNECTIONS", "0"},
                                                        {"MAX_HEADER_BYTES", "10"},
                                                        {"MAX_HEADER_BYTES", "1GiB"},
                                                        {"HEADER_TIMEOUT", "0"},
                                                        {"BODY_TIMEOUT", "2d"},
                                                        {"INSECURE_NO_AUTH", "maybe"},
                                                        {"LOCK_OUT_FAILURES", "-1"},
                                                        {"MIN_UPLOAD_RATE", "0"},
                                                        {"MIN_DOWNLOAD_RATE", "0"},
                                                        {"MAX_UNSENT_BYTES", "0"}}) {
    const auto settings = LoadSettings(With({{name, value}}));
    ASSERT_FALSE(settings.ok()) << name << "=" << value;
    EXPECT_NE(settings.error().message.find(name), std::string::npos);
  }
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

TEST(Machine, ReadsNumbersOfTheKernelsLists) {
  const std::string list = "MemFree:  5 kB\nMemAvailable:   123456 kB\ninactive_file 77\n";
  EXPECT_EQ(NumberAfter(list, "MemAvailable:"), 123'456u);
  EXPECT_EQ(NumberAfter(list, "inactive_file"), 77u);
  EXPECT_FALSE(NumberAfter(list, "file").has_value());
  EXPECT_FALSE(NumberAfter("x y", "x").has_value());
  EXPECT_GT(FreeMemoryBytes(), 0u);
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
