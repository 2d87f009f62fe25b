// `doctor`: what it finds on machines of all kinds, what it advises, and its exit code.
#include <gmock/gmock.h>

#include <cstdint>
#include <fstream>

#include "app/commands.h"
#include "support/forwarding_store.h"
#include "support/home_fixture.h"
#include "support/printed.h"

namespace gnosis {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// A disk that does not tell one write from the next.
class ForgetfulStore final : public ForwardingStore {
 public:
  explicit ForgetfulStore(std::unique_ptr<ObjectStore> store)
      : ForwardingStore(*store), owned_(std::move(store)) {}
  Result<Generation> Write(const std::string& key, std::string_view bytes, IfGeneration) override {
    return ForwardingStore::Write(key, bytes, kAnyGeneration);
  }

 private:
  const std::unique_ptr<ObjectStore> owned_;
};

// A machine on which all is well, unless a test says otherwise.
class DoctorTest : public HomeTest {
 protected:
  DoctorTest() {
    home_.reset();
    std::ofstream(models_.path() / "osd.traineddata") << "osd";
    std::ofstream(PageProgram()) << "#!/bin/true";
    std::filesystem::permissions(PageProgram(), std::filesystem::perms(0755));
    world_.program_folder = folder_.path();
    world_.find_models = [](const std::string& path) { return ModelFolders{{path}}; };
    world_.memory_limit_bytes = [] { return std::nullopt; };
    world_.free_disk_bytes = [](const Path&) { return uint64_t{5} << 30; };
    world_.is_memory_disk = [](const Path&) { return false; };
    world_.make_home = Maker();
  }

  Path PageProgram() const { return folder_.path() / "gnosis-ocr-page"; }
  Printed Examine() {
    return Capture([&] { return RunDoctor(settings_, world_); });
  }
  // Of one check: its line, and its advice if there is one.
  std::string Finding(const std::string& name) {
    const std::string out = Examine().out;
    const size_t at = out.find("  " + name);
    if (at == out.npos || at < 4) return "(there is no such check)";
    size_t end = out.find('\n', at) + 1;
    if (out.compare(end, 6, "      ") == 0) end = out.find('\n', end) + 1;
    return out.substr(at - 4, end - (at - 4));
  }

  DoctorWorld world_;
};

TEST_F(DoctorTest, FindsAHealthyMachineHealthy) {
  const Printed printed = Examine();
  EXPECT_EQ(printed.code, ExitCode::kOk);
  EXPECT_EQ(printed.err, "");
  const std::string expected = fmt::format(
      "ok    program     gnosis-ocr {}\n"
      "ok    page child  {}\n"
      "ok    languages   deu eng\n"
      "ok    rotation    osd is installed: rotated pages are detected\n"
      "ok    cpu         {} usable, 2 page workers\n"
      "ok    memory      no limit\n"
      "ok    disk        {}, 5120 MB free\n"
      "ok    sandbox     {}\n",
      kProgramVersion, PageProgram().string(), UsableCpus(), settings_.data_dir.string(),
      DescribeSeal(*seal_));
  EXPECT_EQ(printed.out, expected);
}

TEST_F(DoctorTest, LeavesNothingInTheDataFolder) {
  settings_.data_dir = folder_.path() / "new" / "data";
  EXPECT_EQ(Examine().code, ExitCode::kOk);
  EXPECT_TRUE(std::filesystem::is_empty(settings_.data_dir));
}

TEST_F(DoctorTest, APageProgramThatIsMissingOrMayNotBeRunIsAFailure) {
  const std::string missing = fmt::format(
      "FAIL  page child  {} is missing\n"
      "                  install gnosis-ocr-page next to gnosis-ocr\n",
      PageProgram().string());
  std::filesystem::permissions(PageProgram(), std::filesystem::perms(0644));
  EXPECT_EQ(Finding("page child"), missing);
  std::filesystem::remove(PageProgram());
  EXPECT_EQ(Finding("page child"), missing);
  EXPECT_EQ(Examine().code, ExitCode::kEnvironment);
}

TEST_F(DoctorTest, WithoutAnyLanguageItFails) {
  for (const char* name : {"eng", "deu", "osd"}) {
    std::filesystem::remove(models_.path() / (std::string(name) + ".traineddata"));
  }
  EXPECT_EQ(Finding("languages"),
            "FAIL  languages   none installed\n"
            "                  apt-get install tesseract-ocr-eng\n");
  EXPECT_EQ(Examine().code, ExitCode::kEnvironment);
}

TEST_F(DoctorTest, WithoutRotationItOnlyWarns) {
  std::filesystem::remove(models_.path() / "osd.traineddata");
  EXPECT_EQ(Finding("rotation"),
            "warn  rotation    osd is not installed: rotated pages are not detected\n"
            "                  apt-get install tesseract-ocr-osd\n");
  EXPECT_EQ(Finding("languages"), "ok    languages   deu eng\n");
  EXPECT_EQ(Examine().code, ExitCode::kOk);
}

TEST_F(DoctorTest, WarnsOfTooLittleMemoryForTheWorkers) {
  uint64_t limit_mb = 1000;
  world_.memory_limit_bytes = [&] { return limit_mb << 20; };
  EXPECT_EQ(Finding("memory"), "ok    memory      limit 1000 MB\n");
  limit_mb = 999;
  EXPECT_EQ(Finding("memory"),
            "warn  memory      limit 999 MB for 2 page workers\n"
            "                  allow 500 MB per worker, or lower OCR_WORKERS\n");
  EXPECT_EQ(Examine().code, ExitCode::kOk);
  settings_.workers = 1;
  EXPECT_EQ(Finding("memory"), "ok    memory      limit 999 MB\n");
}

TEST_F(DoctorTest, WarnsOfADiskThatIsNearlyFull) {
  uint64_t free_mb = 2048;
  world_.free_disk_bytes = [&](const Path& folder) {
    EXPECT_EQ(folder, settings_.data_dir);
    return free_mb << 20;
  };
  EXPECT_THAT(Finding("disk"), HasSubstr("ok    disk"));
  free_mb = 2047;
  EXPECT_EQ(Finding("disk"),
            "warn  disk        " + settings_.data_dir.string() +
                ", 2047 MB free\n"
                "                  a page takes about 1 MB while its job is kept\n");
  EXPECT_EQ(Examine().code, ExitCode::kOk);
}

TEST_F(DoctorTest, WarnsOfADiskThatIsMemory) {
  world_.is_memory_disk = [&](const Path& folder) { return folder == settings_.data_dir; };
  EXPECT_EQ(Finding("disk"), "warn  disk        " + settings_.data_dir.string() +
                                 ", 5120 MB free, but it is a memory file system\n"
                                 "                  sessions are lost at the next reboot\n");
  EXPECT_EQ(Examine().code, ExitCode::kOk);
}

TEST_F(DoctorTest, ADiskThatDoesNotKeepTimesIsAFailure) {
  world_.new_store = [](const Path& root) {
    return std::make_unique<ForgetfulStore>(NewDiskStore(root));
  };
  EXPECT_EQ(Finding("disk"), "FAIL  disk        " + settings_.data_dir.string() +
                                 " does not store file times exactly\n"
                                 "                  use ext4, xfs, btrfs or tmpfs for "
                                 "GNOSIS_DATA_DIR\n");
  EXPECT_EQ(Examine().code, ExitCode::kEnvironment);
  EXPECT_FALSE(std::filesystem::exists(settings_.data_dir / "doctor"));
}

TEST_F(DoctorTest, AFolderThatCannotBeMadeFailsAndTheOtherChecksAreMade) {
  std::ofstream(folder_.path() / "file") << "x";
  settings_.data_dir = folder_.path() / "file" / "data";
  EXPECT_EQ(Finding("disk"), "FAIL  disk        " + settings_.data_dir.string() +
                                 " is not writable: Not a directory\n"
                                 "                  set GNOSIS_DATA_DIR\n");
  EXPECT_THAT(Finding("sandbox"), HasSubstr("FAIL  sandbox     " + settings_.data_dir.string()));
  EXPECT_EQ(Finding("languages"), "ok    languages   deu eng\n");
  EXPECT_EQ(Examine().code, ExitCode::kEnvironment);
}

TEST_F(DoctorTest, SaysWhichLayerOfTheSandboxIsMissing) {
  seal_ = Error{ErrorCode::kIo, "cannot enter the sandbox: seccomp", "use another kernel"};
  EXPECT_EQ(Finding("sandbox"),
            "FAIL  sandbox     cannot enter the sandbox: seccomp\n"
            "                  use another kernel\n");
  EXPECT_EQ(Examine().code, ExitCode::kEnvironment);
}

// One failure is not made up for by what is well after it.
TEST_F(DoctorTest, FailsByTheFirstCheckAlone) {
  std::filesystem::remove(PageProgram());
  const Printed printed = Examine();
  EXPECT_EQ(printed.code, ExitCode::kEnvironment);
  EXPECT_THAT(printed.out, HasSubstr("ok    sandbox"));
  EXPECT_THAT(printed.out, Not(HasSubstr("warn")));
}

// What it finds depends on this machine; that it comes to an end, and how, does not.
TEST_F(DoctorTest, ExaminesThisMachine) {
  const Printed printed = Capture([&] { return RunDoctor(settings_); });
  const bool failed = printed.out.find("FAIL") != std::string::npos;
  EXPECT_EQ(printed.code, failed ? ExitCode::kEnvironment : ExitCode::kOk);
  EXPECT_THAT(printed.out, HasSubstr("  sandbox     "));
}

}  // namespace
}  // namespace gnosis
