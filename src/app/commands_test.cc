// The output and exit codes of the commands about keys, settings and session directories.
#include "app/commands.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "base/file.h"
#include "base/json.h"
#include "session/disk_store.h"
#include "session/keys.h"
#include "session/processing.h"
#include "support/sample_session.h"

namespace gnosis {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

struct Ran {
  ExitCode code;
  std::string out;
  std::string err;
};

template <typename Command>
Ran Outcome(Command command) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Ran ran{command(), "", ""};
  std::fflush(stdout);
  ran.out = testing::internal::GetCapturedStdout();
  ran.err = testing::internal::GetCapturedStderr();
  return ran;
}

class CommandsTest : public testing::Test {
 protected:
  CommandsTest() : settings_(*Load({})) { settings_.data_dir = folder_.path() / "data"; }

  static Result<Settings> Load(std::vector<std::filesystem::path> files) {
    SettingSources sources;
    sources.environment = [](const std::string&) { return std::nullopt; };
    sources.files = std::move(files);
    return LoadSettings(sources);
  }
  Ran Add(const std::string& name, const std::string& owner) {
    return Outcome([&] { return RunKeysAdd(settings_, name, owner); });
  }
  Ran Revoke(const std::string& name) {
    return Outcome([&] { return RunKeysRevoke(settings_, name); });
  }
  std::string Keys() {
    return Outcome([&] { return RunKeysList(settings_); }).out;
  }

  // A session of three pages in the data folder.
  std::filesystem::path MakeSession() {
    const Metadata metadata = sample::SampleMetadata(3);
    const SessionKey session{metadata.user_hash, metadata.session_id};
    std::filesystem::create_directories(settings_.data_dir);
    const auto store = NewDiskStore(settings_.data_dir);
    EXPECT_TRUE(store->Write(OriginalKey(session, "pdf"), "x", kAbsent).ok());
    EXPECT_TRUE(store->Write(MetadataKey(session), EncodeMetadata(metadata), kAbsent).ok());
    EXPECT_TRUE(
        store->Write(ProcessingKey(session), EncodeProcessing(sample::SampleRecord(3)), kAbsent)
            .ok());
    return settings_.data_dir / MetadataKey(session).substr(0, MetadataKey(session).rfind('/'));
  }

  TemporaryFolder folder_;
  Settings settings_;
};

TEST_F(CommandsTest, AKeyIsPrintedOnceAndOnlyItsNameIsListed) {
  const Ran added = Add("laptop", "Ada@Example.org");
  ASSERT_EQ(added.code, ExitCode::kOk) << added.err;
  EXPECT_THAT(added.out, StartsWith("gnosis_"));
  EXPECT_THAT(added.err, HasSubstr("From now on the server requires a key"));
  const std::string secret = added.out.substr(0, added.out.size() - 1);
  EXPECT_THAT(Keys(), StartsWith("laptop\tada@example.org\t"));
  EXPECT_EQ(Keys().find(secret), std::string::npos);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(settings_.data_dir)) {
    if (!entry.is_regular_file()) continue;
    const auto bytes = ReadFile(entry.path(), 1 << 20);
    ASSERT_TRUE(bytes.ok());
    EXPECT_EQ(bytes->find(secret), std::string::npos) << entry.path();
  }
}

TEST_F(CommandsTest, ASecondKeyIsNoNewsToTheServer) {
  ASSERT_EQ(Add("laptop", "ada@example.org").code, ExitCode::kOk);
  const Ran second = Add("phone", "ada@example.org");
  EXPECT_EQ(second.code, ExitCode::kOk);
  EXPECT_EQ(second.err.find("From now on"), std::string::npos);
}

TEST_F(CommandsTest, AKeyNeedsANameOfItsOwnAndAnOwner) {
  ASSERT_EQ(Add("laptop", "ada@example.org").code, ExitCode::kOk);
  const std::string before = Keys();
  EXPECT_EQ(Add("laptop", "bob@example.org").code, ExitCode::kUsage);
  for (const auto& [name, owner] : {std::pair{"", "a@b.org"}, std::pair{"a b", "a@b.org"},
                                    std::pair{"a", ""}, std::pair{"a", "127.0.0.1"}}) {
    const Ran ran = Add(name, owner);
    EXPECT_EQ(ran.code, ExitCode::kUsage) << name << " " << owner;
    EXPECT_THAT(ran.out, IsEmpty());
    EXPECT_THAT(ran.err, StartsWith("gnosis-ocr: "));
  }
  EXPECT_EQ(Keys(), before);
}

TEST_F(CommandsTest, ARevokedKeyIsGoneAndTheLastOneShutsTheDoor) {
  ASSERT_EQ(Add("laptop", "ada@example.org").code, ExitCode::kOk);
  ASSERT_EQ(Add("phone", "ada@example.org").code, ExitCode::kOk);
  EXPECT_NE(Revoke("tablet").code, ExitCode::kOk);
  EXPECT_THAT(Revoke("laptop").err, IsEmpty());
  EXPECT_THAT(Keys(), StartsWith("phone\t"));
  const Ran last = Revoke("phone");
  EXPECT_EQ(last.code, ExitCode::kOk);
  EXPECT_THAT(last.err, HasSubstr("nobody can use the server now"));
  EXPECT_THAT(Keys(), IsEmpty());
}

TEST_F(CommandsTest, WhatConfigPrintsIsAFileOfSettingsThatSaysTheSame) {
  const Ran printed = Outcome([&] { return RunConfig(settings_); });
  ASSERT_EQ(printed.code, ExitCode::kOk);
  const auto file = folder_.path() / "config";
  std::ofstream(file) << printed.out;
  const auto again = Load({file});
  ASSERT_TRUE(again.ok()) << again.error().message;
  ASSERT_EQ(again->all.size(), settings_.all.size());
  for (size_t i = 0; i < again->all.size(); ++i) {
    EXPECT_EQ(again->all[i].name, settings_.all[i].name);
    EXPECT_EQ(again->all[i].value, settings_.all[i].value) << again->all[i].name;
  }
}

TEST_F(CommandsTest, WhatConfigPrintsKeepsBlanksAndQuotationMarks) {
  for (const std::string value :
       {"/srv/scans ", " x", "\"quoted\"", "\"", "a \"b\" c", "\"\"", "#1"}) {
    const Setting setting{"GNOSIS_DATA_DIR", value, "flag", ""};
    const auto file = folder_.path() / "config";
    std::ofstream(file) << SettingLine(setting) << "\n";
    const auto again = Load({file});
    ASSERT_TRUE(again.ok()) << again.error().message;
    EXPECT_EQ(again->data_dir, value);
  }
}

// It used to end with "cannot print", as if no key had been added.
TEST_F(CommandsTest, AKeyIsAddedThoughNobodyCanBeToldHowToUseIt) {
  const FileDescriptor full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  const FileDescriptor saved(::dup(STDERR_FILENO));
  testing::internal::CaptureStdout();
  ::dup2(full.get(), STDERR_FILENO);
  const ExitCode code = RunKeysAdd(settings_, "laptop", "ada@example.org");
  ::dup2(saved.get(), STDERR_FILENO);
  EXPECT_THAT(testing::internal::GetCapturedStdout(), StartsWith("gnosis_"));
  EXPECT_EQ(code, ExitCode::kOk);
}

TEST_F(CommandsTest, CopySaysWhatIsWrongWithItsArguments) {
  const auto session = MakeSession();
  const std::string within = "gs://attic/users/0123456789ab/" + session.filename().string();
  const std::string target = (folder_.path() / "target").string();
  settings_.cloud.storage_emulator = "127.0.0.1:1";  // never contacted
  const auto copy = [&](const std::string& from, const std::string& to) {
    return Outcome([&] { return RunCopy(settings_, from, to); });
  };
  for (const auto& [from, to, why] :
       {std::tuple{session.string(), target, "exactly one side of a copy must be a bucket"},
        std::tuple{within, std::string("gs://attic"), "exactly one side"},
        std::tuple{session.string(), std::string("gs://"), "no bucket given"},
        std::tuple{session.string(), std::string("gs:///x"), "no bucket given"},
        std::tuple{folder_.path().string(), std::string("gs://attic"), "is not a session"},
        std::tuple{std::string("gs://attic/letter"), target, "is not a session"},
        std::tuple{within, std::string(), "data folder is empty"},
        std::tuple{session.string(), std::string("gs://attic/backup"), "within a bucket"}}) {
    const Ran ran = copy(from, to);
    EXPECT_EQ(ran.code, ExitCode::kUsage) << from << " " << to;
    EXPECT_THAT(ran.err, HasSubstr(why));
  }
  const Ran absent = copy((folder_.path() / "absent").string(), "gs://attic");
  EXPECT_EQ(absent.code, ExitCode::kInputUnreadable);
  EXPECT_FALSE(std::filesystem::exists(target));
}

TEST_F(CommandsTest, StatusIsToldByIdAndByDirectory) {
  const auto session = MakeSession();
  for (const std::string& job : {session.filename().string(), session.string()}) {
    const Ran ran = Outcome([&] { return RunStatus(settings_, job); });
    ASSERT_EQ(ran.code, ExitCode::kOk) << ran.err;
    const auto json = ParseJson(ran.out);
    ASSERT_TRUE(json.ok()) << ran.out;
    EXPECT_EQ(JsonString(*json, "status"), "queued");
  }
}

TEST_F(CommandsTest, WhatIsNoSessionIsSaidToBeNone) {
  MakeSession();
  const auto status = [&](const std::string& job) {
    return Outcome([&] { return RunStatus(settings_, job); });
  };
  const Ran unknown = status("123e4567-e89b-42d3-a456-426614174999");
  EXPECT_EQ(unknown.code, ExitCode::kInputUnreadable);
  EXPECT_THAT(unknown.err, HasSubstr("there is no job 123e4567-e89b-42d3-a456-426614174999"));
  EXPECT_EQ(status(folder_.path().string()).code, ExitCode::kUsage);
  EXPECT_EQ(Outcome([&] { return RunVerify(folder_.path()); }).code, ExitCode::kUsage);
}

TEST_F(CommandsTest, VerifySaysWhatIsPendingAndWhatIsDamaged) {
  const auto session = MakeSession();
  const auto verify = [&] { return Outcome([&] { return RunVerify(session); }); };
  const Ran whole = verify();
  EXPECT_THAT(whole.out, HasSubstr("3 pages: 0 done, 0 failed, 3 pending"));
  std::ofstream(session / "processing.json") << "{";
  const Ran damaged = verify();
  EXPECT_THAT(damaged.out, HasSubstr("processing.json"));
  std::ofstream(session / "metadata.json") << "{";
  const Ran lost = verify();
  EXPECT_NE(lost.code, ExitCode::kOk);
  EXPECT_THAT(lost.err, HasSubstr("metadata"));
}

}  // namespace
}  // namespace gnosis
