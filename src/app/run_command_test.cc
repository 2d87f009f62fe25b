#include "app/run_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "support/printed.h"

namespace gnosis {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

Printed RunLine(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "gnosis-ocr");
  SettingSources nothing;
  nothing.environment = [](const std::string&) { return std::nullopt; };
  return Capture([&] {
    return RunCommand(ParseCommandLine(int(arguments.size()), arguments.data()), nothing);
  });
}

TEST(RunCommand, PrintsHelpOnStandardOutput) {
  const Printed help = RunLine({"keys", "--help"});
  EXPECT_EQ(help.code, ExitCode::kOk);
  EXPECT_THAT(help.out, HasSubstr("revoke"));
  EXPECT_EQ(help.err, "");
}

TEST(RunCommand, PrintsWhatIsWrongOnStandardError) {
  const Printed printed = RunLine({"ocr"});
  EXPECT_EQ(printed.code, ExitCode::kUsage);
  EXPECT_EQ(printed.out, "");
  EXPECT_THAT(printed.err, HasSubstr("FILE is required"));
}

TEST(RunCommand, RefusesAWrongSettingBeforeAnythingElse) {
  const Printed printed = RunLine({"serve", "--port", "many"});
  EXPECT_EQ(printed.code, ExitCode::kUsage);
  EXPECT_THAT(printed.err, StartsWith("gnosis-ocr: PORT is \"many\" (from flag)"));
}

TEST(RunCommand, RefusesArgumentsOfOcrThatMakeNoSense) {
  const Printed printed = RunLine({"ocr", "-"});
  EXPECT_EQ(printed.code, ExitCode::kUsage);
  EXPECT_THAT(printed.err, HasSubstr("\n  save the document to a file first"));
}

TEST(RunCommand, HandsOverToTheCommandThatIsNamed) {
  TemporaryFolder folder;
  const std::string data = (folder.path() / "data").string();
  const auto run = [&](std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), {"--data-dir", data.c_str()});
    return RunLine(arguments);
  };
  EXPECT_THAT(run({"config"}).out, HasSubstr("(from: flag)\nGNOSIS_DATA_DIR=" + data + "\n"));
  EXPECT_EQ(run({"keys", "add", "desk", "--owner", "ada@example.org"}).code, ExitCode::kOk);
  EXPECT_THAT(run({"keys", "list"}).out, StartsWith("desk\tada@example.org\t"));
  EXPECT_EQ(run({"keys", "revoke", "desk"}).code, ExitCode::kOk);
  EXPECT_EQ(run({"keys", "list"}).out, "");
  for (const char* command : {"verify", "resume", "status"}) {
    EXPECT_THAT(run({command, data.c_str()}).err, HasSubstr("is not a session directory"));
  }
  EXPECT_THAT(run({"copy", data.c_str(), data.c_str()}).err, HasSubstr("must be a bucket"));
}

}  // namespace
}  // namespace gnosis
