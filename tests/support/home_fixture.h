// For tests of commands: a folder with documents and a home over it, whose readers are fakes of
// this process (FakeReader): what works on a session is real, but for the page program.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "app/command_ocr.h"
#include "app/follow_session.h"
#include "app/home.h"
#include "app/settings.h"
#include "base/file.h"
#include "support/fake_reader.h"

namespace gnosis {

// The pages that all readers of a test were asked for. From any thread.
class PageLog {
 public:
  // Asked before each page, by one reader at a time; its error is the page's.
  std::function<Status(int page)> before_read = [](int) { return Ok(); };

  Status Note(int page) {
    std::lock_guard lock(mutex_);
    pages_.push_back(page);
    return before_read(page);
  }
  // In ascending order, and forgotten.
  std::vector<int> Take() {
    std::lock_guard lock(mutex_);
    std::sort(pages_.begin(), pages_.end());
    return std::exchange(pages_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<int> pages_;
};

class LoggedReader final : public PageReader {
 public:
  explicit LoggedReader(PageLog& log) : log_(log) {}
  Result<DocumentInfo> Open(const FileDescriptor& document, const std::string& password) override {
    return reader_.Open(document, password);
  }
  Result<PageArtefacts> Read(const PageRequest& request) override {
    RETURN_IF_ERROR(log_.Note(request.page));
    return reader_.Read(request);
  }
  void Interrupt() override {}

 private:
  PageLog& log_;
  FakeReader reader_;
};

class HomeTest : public testing::Test {
 protected:
  using Path = std::filesystem::path;

  HomeTest() {
    std::ofstream(models_.path() / "eng.traineddata") << "eng";
    std::ofstream(models_.path() / "deu.traineddata") << "deu";
    settings_ = SettingsWith({});
    StartHome();
  }

  Settings SettingsWith(std::map<std::string, std::string> changes) {
    changes.try_emplace("GNOSIS_DATA_DIR", (folder_.path() / "data").string());
    changes.try_emplace("MODEL_CACHE_PATH", models_.path().string());
    changes.try_emplace("OCR_WORKERS", "2");
    SettingSources sources;
    sources.flags = std::move(changes);
    sources.environment = [](const std::string&) { return std::nullopt; };
    auto settings = LoadSettings(sources);
    EXPECT_TRUE(settings.ok()) << settings.error().message;
    return *std::move(settings);
  }

  HomeMaker Maker() {
    return [this](const Settings& settings, const Path& root) {
      return Home::MakeWith(FakeReaders(), settings, root);
    };
  }
  ReaderSource FakeReaders() {
    return {.make = [this](const ChildOptions&) { return std::make_unique<LoggedReader>(log_); },
            .probe_seal = [this] { return seal_; }};
  }
  // As another process: what was in memory is gone. Over the folder that `ocr` works in.
  void StartHome() {
    home_.reset();
    auto home = Maker()(settings_, settings_.data_dir / "cli");
    ASSERT_TRUE(home.ok()) << home.error().message;
    home_ = *std::move(home);
  }

  // A job that asks for text, not begun yet.
  static SessionKey Admit(Home& home, const std::string& document) {
    auto upload = *home.admission().Start(std::string(kLocalUserEmail), std::nullopt);
    EXPECT_TRUE(upload->Append(document).ok());
    JobOptions options;
    options.formats = {"txt"};
    const auto admitted = upload->Admit({"letter.pdf", options, ""});
    EXPECT_TRUE(admitted.ok()) << admitted.error().message;
    return admitted->session;
  }

  Path PutDocument(const std::string& name, const std::string& text = "%PDF-1.7 pages=3") {
    const Path path = folder_.path() / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
    return path;
  }

  // Workers of this process that end when it is final.
  JobStatus ReadToTheEnd(const SessionKey& session) {
    home_->StartWorkers([](const Task&, const BatchReport&) {},
                        ChildOptions::Models::kLoadedWhenNeeded);
    Interruptions interruptions;
    const auto status =
        FollowSession(*home_, session, interruptions, [](const JobStatus&) { return Ok(); });
    EXPECT_TRUE(status.ok()) << status.error().message;
    home_->StopWorkers(Milliseconds(0));
    return status.ok() ? *status : JobStatus{};
  }

  Path FolderOf(const SessionKey& session) const {
    return (home_->root() / SessionFolder(session)).parent_path();  // without the slash
  }
  static std::string Read(const Path& path) {
    const auto bytes = ReadFile(path);
    return bytes.ok() ? *bytes : "(" + bytes.error().message + ")";
  }
  static void Overwrite(const Path& path, const std::string& bytes) {
    ASSERT_TRUE(std::filesystem::exists(path)) << path;
    std::ofstream(path, std::ios::trunc) << bytes;
  }
  std::vector<SessionKey> Sessions() {
    std::vector<SessionKey> sessions;
    const auto users = home_->store().ListFolders("users/");
    for (const std::string& user : *users) {
      const auto folders = home_->store().ListFolders(user);
      for (const std::string& folder : *folders) sessions.push_back(*ParseSessionFolder(folder));
    }
    return sessions;
  }

  PageLog log_;
  Result<SealReport> seal_ = SealReport{true, true, true, 0, true, 65534};
  TemporaryFolder folder_;
  TemporaryFolder models_;
  Settings settings_;
  std::unique_ptr<Home> home_;
};

}  // namespace gnosis
