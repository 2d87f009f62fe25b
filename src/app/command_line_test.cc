#include "app/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "output/output_writer.h"
#include "page/page_options.h"

namespace gnosis {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Arguments = std::vector<std::string>;

std::variant<CommandLine, Explanation> Parse(const Arguments& arguments) {
  std::vector<const char*> argv = {"gnosis-ocr"};
  for (const std::string& argument : arguments) argv.push_back(argument.c_str());
  return ParseCommandLine(int(argv.size()), argv.data());
}

CommandLine LineOf(const Arguments& arguments) {
  auto parsed = Parse(arguments);
  if (auto* line = std::get_if<CommandLine>(&parsed)) return *std::move(line);
  ADD_FAILURE() << std::get<Explanation>(parsed).text;
  return {};
}

Explanation InsteadOf(const Arguments& arguments) {
  auto parsed = Parse(arguments);
  if (auto* explanation = std::get_if<Explanation>(&parsed)) return *std::move(explanation);
  ADD_FAILURE() << "a command: " << std::get<CommandLine>(parsed).command;
  return {};
}

void ExpectUsage(const Arguments& arguments, const std::string& why) {
  const Explanation explanation = InsteadOf(arguments);
  EXPECT_EQ(explanation.code, ExitCode::kUsage);
  EXPECT_THAT(explanation.text, AllOf(HasSubstr(why), HasSubstr("--help")));
}

Result<OcrArguments> OcrOf(Arguments arguments) {
  arguments.insert(arguments.begin(), "ocr");
  return CheckOcrArguments(LineOf(arguments));
}

OcrArguments GoodOcr(const Arguments& arguments) {
  auto checked = OcrOf(arguments);
  if (checked.ok()) return *std::move(checked);
  ADD_FAILURE() << checked.error().message;
  return {};
}

void ExpectRefused(const Arguments& arguments, const std::string& message,
                   const std::string& hint) {
  const auto checked = OcrOf(arguments);
  ASSERT_FALSE(checked.ok()) << message;
  EXPECT_EQ(ExitCodeFor(checked.code()), ExitCode::kUsage);
  EXPECT_THAT(checked.error().message, HasSubstr(message));
  EXPECT_THAT(checked.error().hint, HasSubstr(hint));
}

std::vector<std::string> FilesOf(const OcrArguments& arguments) {
  std::vector<std::string> names;
  for (const auto& file : arguments.files) names.push_back(file.string());
  return names;
}

TEST(CommandLine, OfOcrHasDefaults) {
  const OcrArguments ocr = GoodOcr({"scan.pdf"});
  EXPECT_THAT(FilesOf(ocr), ElementsAre("scan.pdf"));
  EXPECT_EQ(ocr.folders, Folders::kRefuse);
  EXPECT_FALSE(ocr.output_folder);
  EXPECT_EQ(ocr.existing, OutputFolder::Existing::kKeep);
  EXPECT_EQ(ocr.earlier_run, OcrArguments::EarlierRun::kGoOn);
  EXPECT_EQ(ocr.session, OcrArguments::Session::kDelete);
  EXPECT_THAT(ocr.options.formats, ElementsAre("txt"));
  EXPECT_TRUE(ocr.options.pages.empty());
  EXPECT_EQ(ocr.options.reading, PageOptions{});
  EXPECT_EQ(ocr.password, "");
}

TEST(CommandLine, OfOcrSaysWhatBecomesOfResultsAndSessions) {
  const OcrArguments ocr =
      GoodOcr({"-r", "scans", "-o", "out", "--overwrite", "--force", "--keep"});
  EXPECT_EQ(ocr.folders, Folders::kWalk);
  EXPECT_EQ(ocr.output_folder, "out");
  EXPECT_EQ(ocr.existing, OutputFolder::Existing::kOverwrite);
  EXPECT_EQ(ocr.earlier_run, OcrArguments::EarlierRun::kForget);
  EXPECT_EQ(ocr.session, OcrArguments::Session::kKeep);
}

TEST(CommandLine, OfOcrSaysHowPagesAreRead) {
  const OcrArguments ocr =
      GoodOcr({"scan.pdf", "-l", "deu+eng", "--dpi", "150", "--mode", "force", "--engine",
               "tesseract", "-p", "1-3,7", "--password", "open sesame"});
  EXPECT_THAT(ocr.options.reading.languages, ElementsAre("deu", "eng"));
  EXPECT_EQ(ocr.options.reading.dpi, 150);
  EXPECT_EQ(ocr.options.reading.mode, TextMode::kForce);
  EXPECT_EQ(ocr.options.reading.engine, EngineChoice::kTesseract);
  EXPECT_THAT(ocr.options.pages, ElementsAre(PageRange{1, 3}, PageRange{7, 7}));
  EXPECT_EQ(ocr.password, "open sesame");
}

TEST(CommandLine, OfOcrTakesEveryOptionOfTheTableAtItsDefault) {
  const PageOptions standard;
  for (const PageOption& option : PageOptionTable()) {
    const Arguments arguments = {"ocr", "scan.pdf", "--" + std::string(option.name),
                                 option.get(standard)};
    if (!option.at_submission) {
      EXPECT_EQ(InsteadOf(arguments).code, ExitCode::kUsage) << option.name;
      continue;
    }
    const CommandLine line = LineOf(arguments);
    EXPECT_EQ(line.reading.at(option.key), option.get(standard));
    EXPECT_EQ(CheckOcrArguments(line)->options.reading, standard);
  }
}

TEST(CommandLine, OfOcrHasEachFormatOnce) {
  EXPECT_THAT(GoodOcr({"a", "--formats", "json,txt,json"}).options.formats,
              ElementsAre("json", "txt"));
  EXPECT_THAT(GoodOcr({"a", "--formats", "json", "--formats", "hocr,json"}).options.formats,
              ElementsAre("json", "hocr"));
}

TEST(CommandLine, OfOcrDoesNotTakeFilesForFormats) {
  const OcrArguments ocr = GoodOcr({"--formats", "json", "a.pdf", "b.pdf"});
  EXPECT_THAT(ocr.options.formats, ElementsAre("json"));
  EXPECT_THAT(FilesOf(ocr), ElementsAre("a.pdf", "b.pdf"));
}

TEST(CommandLine, OfOcrTakesFilesInTheirOrderAmongOptions) {
  EXPECT_THAT(FilesOf(GoodOcr({"z.pdf", "-o", "out", "a.pdf", "--keep", "z.pdf"})),
              ElementsAre("z.pdf", "a.pdf", "z.pdf"));
}

TEST(CommandLine, TakesNamesThatBeginWithADashAfterTwo) {
  EXPECT_THAT(FilesOf(GoodOcr({"--", "-x.pdf", "--keep", "a.pdf"})),
              ElementsAre("./-x.pdf", "./--keep", "a.pdf"));
  EXPECT_EQ(LineOf({"verify", "--", "-x"}).session_folder, "-x");
  EXPECT_EQ(LineOf({"keys", "revoke", "--", "-x"}).key_name, "-x");
}

// Arguments after the dashes used to be rejected if a file was named before them.
TEST(CommandLine, TakesNamesOnBothSidesOfTheTwoDashes) {
  const OcrArguments ocr = GoodOcr({"--keep", "a.pdf", "--", "-x.pdf", "b.pdf", "--force"});
  EXPECT_THAT(FilesOf(ocr), ElementsAre("a.pdf", "./-x.pdf", "b.pdf", "./--force"));
  EXPECT_EQ(ocr.earlier_run, OcrArguments::EarlierRun::kGoOn);
  EXPECT_THAT(LineOf({"--data-dir", "d", "ocr", "a.pdf", "--", "-x.pdf"}).files,
              ElementsAre("a.pdf", "./-x.pdf"));
  EXPECT_THAT(LineOf({"--data-dir=d", "ocr", "a.pdf", "--"}).files, ElementsAre("a.pdf"));
  ExpectUsage({"--data-dir"}, "--data-dir");
}

TEST(CommandLine, TakesFilesThatAreCalledLikeCommands) {
  EXPECT_THAT(FilesOf(GoodOcr({"doctor", "keys", "ocr"})), ElementsAre("doctor", "keys", "ocr"));
}

TEST(CommandLine, TakesValuesThatBeginWithADash) {
  EXPECT_THAT(GoodOcr({"a.pdf", "-p", "-4"}).options.pages, ElementsAre(PageRange{1, 4}));
  EXPECT_THAT(GoodOcr({"a.pdf", "--pages=-4"}).options.pages, ElementsAre(PageRange{1, 4}));
  EXPECT_EQ(GoodOcr({"a.pdf", "--password", "-secret"}).password, "-secret");
  EXPECT_EQ(GoodOcr({"a.pdf", "-o", "-out"}).output_folder, "-out");
}

TEST(CommandLine, RefusesStandardInput) {
  ExpectRefused({"a.pdf", "-"}, "standard input", "./-");
  ExpectRefused({"--", "-"}, "standard input", "./-");
  EXPECT_THAT(FilesOf(GoodOcr({"./-"})), ElementsAre("./-"));
}

TEST(CommandLine, RefusesEmptyNames) {
  ExpectRefused({""}, "a file name is empty", "");
  ExpectRefused({"a.pdf", "-o", ""}, "output folder is empty", "-o .");
}

TEST(CommandLine, RefusesValuesThatThereAreNot) {
  ExpectRefused({"a.pdf", "--dpi", "71"}, "71", "");
  ExpectRefused({"a.pdf", "--dpi", "-300"}, "-300", "");
  ExpectRefused({"a.pdf", "--dpi", "300.5"}, "300.5", "");
  ExpectRefused({"a.pdf", "--mode", "Auto"}, "Auto", "");
  ExpectRefused({"a.pdf", "--engine", "slow"}, "slow", "");
  ExpectRefused({"a.pdf", "-l", "eng,deu"}, "eng,deu", "");
  ExpectRefused({"a.pdf", "-p", "3-1"}, "3-1", "");
  ExpectRefused({"a.pdf", "-p", "0"}, "0", "");
}

TEST(CommandLine, RefusesWhatItDoesNotKnow) {
  ExpectUsage({}, "subcommand is required");
  ExpectUsage({"read", "a.pdf"}, "There is no command read");
  ExpectUsage({"--data-dir", "d"}, "subcommand is required");
  ExpectUsage({"ocr"}, "FILE is required");
  ExpectUsage({"ocr", "a.pdf", "--colour"}, "--colour");
  ExpectUsage({"ocr", "a.pdf", "-x"}, "-x");
  ExpectUsage({"ocr", "a.pdf", "--keep=perhaps"}, "perhaps");
  ExpectUsage({"ocr", "a.pdf", "-o"}, "--output");
  ExpectUsage({"ocr", "a.pdf", "--output="}, "--output");
  ExpectUsage({"ocr", "a.pdf", "--dpi", "100", "--dpi", "200"}, "--dpi");
  ExpectUsage({"config", "HOST"}, "HOST");
  ExpectUsage({"verify"}, "DIR is required");
  ExpectUsage({"verify", "one", "two"}, "two");
  ExpectUsage({"status"}, "JOB is required");
  ExpectUsage({"copy", "one"}, "TO is required");
  ExpectUsage({"doctor", "config"}, "config");
}

TEST(CommandLine, KnowsTheCommands) {
  for (const char* alone : {"serve", "doctor", "config"}) {
    EXPECT_EQ(LineOf({alone}).command, alone);
  }
  EXPECT_EQ(LineOf({"resume", "dir"}).command, "resume");
  EXPECT_EQ(LineOf({"resume", "dir"}).session_folder, "dir");
  EXPECT_EQ(LineOf({"verify", "dir"}).session_folder, "dir");
  EXPECT_EQ(LineOf({"status", "job"}).job, "job");
  const CommandLine copy = LineOf({"copy", "dir", "gs://attic"});
  EXPECT_EQ(copy.session_folder, "dir");
  EXPECT_EQ(copy.destination, "gs://attic");
}

TEST(CommandLine, KnowsTheCommandsOfKeys) {
  const CommandLine add = LineOf({"keys", "add", "desk", "--owner", "ada@example.org"});
  EXPECT_EQ(add.command, "keys add");
  EXPECT_EQ(add.key_name, "desk");
  EXPECT_EQ(add.key_owner, "ada@example.org");
  EXPECT_EQ(LineOf({"keys", "list"}).command, "keys list");
  EXPECT_EQ(LineOf({"keys", "revoke", "desk"}).command, "keys revoke");
  EXPECT_EQ(LineOf({"keys", "revoke", "desk"}).key_name, "desk");
  ExpectUsage({"keys"}, "subcommand is required");
  ExpectUsage({"keys", "add", "desk"}, "--owner is required");
  ExpectUsage({"keys", "add", "--owner", "ada@example.org"}, "NAME is required");
  ExpectUsage({"keys", "revoke"}, "NAME is required");
}

TEST(CommandLine, ExplainsItself) {
  for (const Arguments& arguments : {Arguments{"--help"}, Arguments{"-h"}}) {
    const Explanation help = InsteadOf(arguments);
    EXPECT_EQ(help.code, ExitCode::kOk);
    for (const char* word : {"ocr", "serve", "keys", "resume", "verify", "copy", "status", "doctor",
                             "config", "--data-dir", "Exit codes", "141"}) {
      EXPECT_THAT(help.text, HasSubstr(word));
    }
  }
}

TEST(CommandLine, ExplainsEveryOptionOfOcr) {
  const Explanation help = InsteadOf({"ocr", "--help"});
  EXPECT_EQ(help.code, ExitCode::kOk);
  for (const PageOption& option : PageOptionTable()) {
    if (!option.at_submission) continue;
    EXPECT_THAT(help.text, HasSubstr(std::string(option.flags)));
  }
  EXPECT_THAT(help.text, HasSubstr(OutputFormatNames(", ")));
}

TEST(CommandLine, SaysWhichVersionItIs) {
  const Explanation version = InsteadOf({"--version"});
  EXPECT_EQ(version.code, ExitCode::kOk);
  EXPECT_THAT(version.text, HasSubstr("gnosis-ocr " GNOSIS_VERSION));
}

Settings SettingsOf(const Arguments& arguments) {
  SettingSources sources;
  sources.environment = [](const std::string& name) -> std::optional<std::string> {
    if (name == "PORT") return "1111";
    if (name == "OCR_WORKERS") return "5";
    return std::nullopt;
  };
  const auto settings = LoadSettings(WithFlags(sources, LineOf(arguments)));
  EXPECT_TRUE(settings.ok()) << settings.error().message;
  return *settings;
}

TEST(CommandLine, OverridesSettings) {
  EXPECT_EQ(SettingsOf({"ocr", "a.pdf", "-j", "3"}).workers, 3);
  const Settings serve =
      SettingsOf({"serve", "--host", "0.0.0.0", "--port", "0", "--insecure-no-auth"});
  EXPECT_EQ(serve.http.host, "0.0.0.0");
  EXPECT_EQ(serve.http.port, 0);
  EXPECT_TRUE(serve.insecure_no_auth);
  EXPECT_EQ(SettingsOf({"--data-dir", "/srv/x", "config"}).data_dir, "/srv/x");
}

TEST(CommandLine, LeavesSettingsAloneThatItDoesNotName) {
  EXPECT_EQ(SettingsOf({"ocr", "a.pdf"}).workers, 5);
  const Settings serve = SettingsOf({"serve"});
  EXPECT_EQ(serve.http.host, "127.0.0.1");
  EXPECT_EQ(serve.http.port, 1111);
  EXPECT_FALSE(serve.insecure_no_auth);
}

TEST(CommandLine, IsNamedWhenASettingOfItIsWrong) {
  SettingSources sources;
  sources.environment = [](const std::string&) { return std::nullopt; };
  for (const auto& [arguments, name] :
       {std::pair{Arguments{"ocr", "a.pdf", "-j", "many"}, "OCR_WORKERS is \"many\" (from flag)"},
        std::pair{Arguments{"serve", "--port", "65536"}, "PORT is \"65536\" (from flag)"},
        std::pair{Arguments{"serve", "--port", "-1"}, "PORT is \"-1\" (from flag)"}}) {
    const auto settings = LoadSettings(WithFlags(sources, LineOf(arguments)));
    ASSERT_FALSE(settings.ok());
    EXPECT_EQ(ExitCodeFor(settings.code()), ExitCode::kUsage);
    EXPECT_THAT(settings.error().message, HasSubstr(name));
  }
}

}  // namespace
}  // namespace gnosis
