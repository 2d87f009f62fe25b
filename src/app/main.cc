// gnosis-ocr: parses the command line and hands over to a command.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <map>
#include <string>
#include <vector>

#include "app/command_info.h"
#include "app/command_keys.h"
#include "app/command_ocr.h"
#include "app/command_serve.h"
#include "app/command_session.h"
#include "app/exit_code.h"
#include "app/home.h"
#include "app/settings.h"
#include "base/log.h"
#include "engine/languages.h"
#include "session/page_ranges.h"

namespace gnosis {
namespace {

// What the command line says, as text; checked when the command runs.
struct CommandLine {
  std::map<std::string, std::string> settings;
  std::vector<std::string> files;
  std::string output_folder;
  std::string languages = "eng";
  std::string pages;
  std::string mode = "auto";
  std::vector<std::string> formats = {"txt"};
  std::string engine = JobOptions{}.engine;
  std::string password;
  int dpi = 300;
  bool force = false;
  bool keep = false;
  std::string session_folder;
  std::string destination;
  std::string job;
  std::string key_name;
  std::string key_owner;
  bool insecure_no_auth = false;
};

Result<OcrArguments> CheckOcrArguments(const CommandLine& line) {
  OcrArguments arguments;
  for (const std::string& file : line.files) arguments.files.emplace_back(file);
  if (!line.output_folder.empty()) arguments.output_folder = line.output_folder;
  ASSIGN_OR_RETURN(arguments.options.languages, ParseLanguages(line.languages));
  ASSIGN_OR_RETURN(arguments.options.pages, ParsePageRanges(line.pages));
  const auto mode = ParseTextMode(line.mode);
  if (!mode) {
    return Error{ErrorCode::kInvalidArgument, "no mode " + line.mode, "auto, force or skip"};
  }
  arguments.options.mode = *mode;
  arguments.options.formats = line.formats;
  arguments.options.engine = line.engine;
  arguments.options.dpi = line.dpi;
  arguments.password = line.password;
  using Earlier = OcrArguments::EarlierRun;
  arguments.earlier_run = line.force ? Earlier::kForget : Earlier::kGoOn;
  using Session = OcrArguments::Session;
  arguments.session = line.keep ? Session::kKeep : Session::kDelete;
  return arguments;
}

void AddOcr(CLI::App& app, CommandLine& line) {
  CLI::App* ocr = app.add_subcommand("ocr", "Read PDF, PNG, JPEG, TIFF or WebP files");
  ocr->add_option("FILE", line.files, "Documents to read")->required();
  ocr->add_option("-o,--output", line.output_folder,
                  "Write each format to this folder; without it the text goes to standard output");
  ocr->add_option("--formats", line.formats, "Comma-separated: txt, json, hocr")->delimiter(',');
  ocr->add_option("-l,--lang", line.languages, "Languages, like eng+deu");
  ocr->add_option("-p,--pages", line.pages, "Pages, like 1-3,7");
  ocr->add_option("--dpi", line.dpi, "Resolution at which PDF pages are read, 72 to 600");
  ocr->add_option("--mode", line.mode,
                  "auto: keep a real text layer, recognise other pages; force: recognise all; "
                  "skip: text layers only");
  ocr->add_option("--engine", line.engine, "Recogniser: fast or tesseract");
  ocr->add_option("--password", line.password, "Of an encrypted PDF");
  ocr->add_option("-j,--jobs", line.settings["OCR_WORKERS"], "Pages read at the same time");
  ocr->add_flag("--force", line.force, "Start afresh, forget what an interrupted run has read");
  ocr->add_flag("--keep", line.keep, "Keep the session directory when all is read");
}

void AddServe(CLI::App& app, CommandLine& line) {
  CLI::App* serve = app.add_subcommand("serve", "Run the web service");
  serve->add_option("--host", line.settings["HOST"],
                    "Address (127.0.0.1); any but loopback wants API keys");
  serve->add_option("--port", line.settings["PORT"], "Port (7799)");
  serve->add_flag("--insecure-no-auth", line.insecure_no_auth,
                  "Let everybody who can reach the address in, without API keys");
}

void AddKeys(CLI::App& app, CommandLine& line) {
  CLI::App* keys = app.add_subcommand("keys", "Make, list and revoke API keys of the service");
  keys->require_subcommand(1);
  CLI::App* add = keys->add_subcommand("add", "Make a key and print it, once");
  add->add_option("NAME", line.key_name, "What the key is called in lists and logs")->required();
  add->add_option("--owner", line.key_owner, "E-mail address; jobs belong to it")->required();
  keys->add_subcommand("list", "Names, owners and dates");
  keys->add_subcommand("revoke", "Take a key back; a running server knows within a second")
      ->add_option("NAME", line.key_name, "Its name")
      ->required();
}

void AddOthers(CLI::App& app, CommandLine& line) {
  app.add_subcommand("resume", "Go on with a session directory")
      ->add_option("DIR", line.session_folder, "The session directory")
      ->required();
  app.add_subcommand("verify", "Check a session directory, change nothing")
      ->add_option("DIR", line.session_folder, "The session directory")
      ->required();
  CLI::App* copy = app.add_subcommand("copy", "Copy a session to another home: it goes on there");
  copy->add_option("FROM", line.session_folder, "Session directory, or gs://BUCKET/users/HASH/ID")
      ->required();
  copy->add_option("TO", line.destination, "gs://BUCKET, or a data folder")->required();
  app.add_subcommand("status", "Print a job's status as JSON")
      ->add_option("JOB", line.job, "A job's id, or its session directory")
      ->required();
  app.add_subcommand("doctor", "Check this installation");
  app.add_subcommand("config", "Print the settings in force and where they come from");
}

ExitCode RunKeys(const Settings& settings, const std::string& command, const CommandLine& line) {
  if (command == "add") return RunKeysAdd(settings, line.key_name, line.key_owner);
  if (command == "list") return RunKeysList(settings);
  return RunKeysRevoke(settings, line.key_name);
}

ExitCode RunCommand(const CLI::App& chosen, const CommandLine& line) {
  const std::string& command = chosen.get_name();
  SettingSources sources = DefaultSources();
  if (line.insecure_no_auth) sources.flags["INSECURE_NO_AUTH"] = "true";
  for (const auto& [name, value] : line.settings) {
    if (!value.empty()) sources.flags[name] = value;
  }
  const auto settings = LoadSettings(sources);
  if (!settings.ok()) return ReportError(settings.error());
  // Someone at a terminal wants words on the page, not a log.
  SetLogLevel(command == "serve" ? ParseLogLevel(settings->log_level) : LogLevel::kOff);
  if (command == "serve") return RunServe(*settings);
  if (command == "resume") return RunResume(*settings, line.session_folder);
  if (command == "verify") return RunVerify(line.session_folder);
  if (command == "copy") return RunCopy(*settings, line.session_folder, line.destination);
  if (command == "status") return RunStatus(*settings, line.job);
  if (command == "doctor") return RunDoctor(*settings);
  if (command == "keys") {
    return RunKeys(*settings, chosen.get_subcommands().front()->get_name(), line);
  }
  if (command == "config") return RunConfig(*settings);
  const auto arguments = CheckOcrArguments(line);
  if (!arguments.ok()) return ReportError(arguments.error());
  return RunOcr(*settings, *arguments);
}

int Main(int argc, char** argv) {
  CLI::App app("gnosis-ocr reads documents: a PDF or images in, text, JSON and hOCR out.\n");
  app.set_version_flag("--version", std::string("gnosis-ocr ") + kProgramVersion);
  app.require_subcommand(1);
  app.footer(
      "Exit codes: 0 all pages read, 1 usage, 2 input unreadable, 3 some pages failed,\n"
      "4 language or engine missing, 5 environment (disk, permission, port), 130 interrupted.\n"
      "\"gnosis-ocr COMMAND --help\" tells more; settings are listed by \"gnosis-ocr config\".");
  CommandLine line;
  app.add_option("--data-dir", line.settings["GNOSIS_DATA_DIR"], "Where sessions live");
  AddServe(app, line);
  AddKeys(app, line);
  AddOcr(app, line);
  AddOthers(app, line);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? int(ExitCode::kOk) : int(ExitCode::kUsage);
  }
  return int(RunCommand(*app.get_subcommands().front(), line));
}

}  // namespace
}  // namespace gnosis

int main(int argc, char** argv) { return gnosis::Main(argc, argv); }
