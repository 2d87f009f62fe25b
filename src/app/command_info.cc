#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <cstdio>
#include <string>

#include "app/commands.h"
#include "app/home.h"
#include "app/machine.h"
#include "languages/languages.h"

namespace gnosis {
namespace {

constexpr uint64_t kLowDiskBytes = uint64_t{2} << 30;
constexpr uint64_t kMemoryPerWorkerBytes = uint64_t{500} << 20;

class Doctor {
 public:
  Doctor(const Settings& settings, const DoctorWorld& world) : settings_(settings), world_(world) {}

  ExitCode Run() {
    CheckPrograms();
    CheckLanguages();
    CheckCpusAndMemory();
    CheckDisk();
    CheckSandbox();
    return failed_ ? ExitCode::kEnvironment : ExitCode::kOk;
  }

 private:
  void Say(const char* verdict, const char* what, const std::string& found,
           const std::string& advice = "") {
    failed_ = failed_ || std::string_view(verdict) == "FAIL";
    fmt::print("{:4}  {:10}  {}\n", verdict, what, found);
    if (!advice.empty()) fmt::print("{:18}{}\n", "", advice);
  }

  void CheckPrograms() {
    Say("ok", "program", std::string("gnosis-ocr ") + kProgramVersion);
    const auto page = world_.program_folder / "gnosis-ocr-page";
    if (::access(page.c_str(), X_OK) == 0) {
      Say("ok", "page child", page.string());
    } else {
      Say("FAIL", "page child", page.string() + " is missing",
          "install gnosis-ocr-page next to gnosis-ocr");
    }
  }

  void CheckSandbox() {
    const auto home = world_.make_home(settings_, settings_.data_dir);
    if (!home.ok()) return Say("FAIL", "sandbox", home.error().message, home.error().hint);
    const auto seal = (*home)->ProbeSeal();
    if (!seal.ok()) return Say("FAIL", "sandbox", seal.error().message, seal.error().hint);
    Say("ok", "sandbox", DescribeSeal(*seal));
  }

  void CheckLanguages() {
    const ModelFolders models = world_.find_models(settings_.model_cache_path);
    const auto languages = InstalledLanguages(models);
    if (languages.empty()) {
      Say("FAIL", "languages", "none installed", "apt-get install tesseract-ocr-eng");
    } else {
      Say("ok", "languages", fmt::format("{}", fmt::join(languages, " ")));
    }
    if (FolderWithLanguages(models, {"osd"}).ok()) {
      Say("ok", "rotation", "osd is installed: rotated pages are detected");
    } else {
      Say("warn", "rotation", "osd is not installed: rotated pages are not detected",
          "apt-get install tesseract-ocr-osd");
    }
  }

  void CheckCpusAndMemory() {
    Say("ok", "cpu", fmt::format("{} usable, {} page workers", UsableCpus(), settings_.workers));
    const auto limit = world_.memory_limit_bytes();
    if (!limit) {
      Say("ok", "memory", "no limit");
    } else if (*limit < kMemoryPerWorkerBytes * uint64_t(settings_.workers)) {
      Say("warn", "memory",
          fmt::format("limit {} MB for {} page workers", *limit >> 20, settings_.workers),
          "allow 500 MB per worker, or lower OCR_WORKERS");
    } else {
      Say("ok", "memory", fmt::format("limit {} MB", *limit >> 20));
    }
  }

  void CheckDisk() {
    std::error_code error;
    std::filesystem::create_directories(settings_.data_dir, error);
    const std::string where = settings_.data_dir.string();
    const auto store = world_.new_store(settings_.data_dir);
    const std::string key = "doctor/probe";
    const auto written = store->Write(key, "probe", kAnyGeneration);
    if (error || !written.ok()) {
      const std::string why = error ? error.message() : written.error().message;
      return Say("FAIL", "disk", where + " is not writable: " + why, "set GNOSIS_DATA_DIR");
    }
    const bool stale_write_refused =
        !store->Write(key, "stale", *written - 1).ok() && store->Write(key, "next", *written).ok();
    (void)store->DeleteFolder("doctor/");
    if (!stale_write_refused) {
      return Say("FAIL", "disk", where + " does not store file times exactly",
                 "use ext4, xfs, btrfs or tmpfs for GNOSIS_DATA_DIR");
    }
    const uint64_t free_bytes = world_.free_disk_bytes(settings_.data_dir);
    const std::string found = fmt::format("{}, {} MB free", where, free_bytes >> 20);
    if (world_.is_memory_disk(settings_.data_dir)) {
      Say("warn", "disk", found + ", but it is a memory file system",
          "sessions are lost at the next reboot");
    } else if (free_bytes < kLowDiskBytes) {
      Say("warn", "disk", found, "a page takes about 1 MB while its job is kept");
    } else {
      Say("ok", "disk", found);
    }
  }

  const Settings& settings_;
  const DoctorWorld& world_;
  bool failed_ = false;
};

}  // namespace

ExitCode RunDoctor(const Settings& settings, const DoctorWorld& world) {
  return Doctor(settings, world).Run();
}

ExitCode RunConfig(const Settings& settings) {
  for (const Setting& setting : settings.all) {
    fmt::print("# {} (from: {})\n{}\n", setting.meaning, setting.origin, SettingLine(setting));
  }
  return ExitCode::kOk;
}

}  // namespace gnosis
