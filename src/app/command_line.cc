#include "app/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>
#include <utility>

#include "app/home.h"
#include "output/output_writer.h"
#include "session/page_ranges.h"

namespace gnosis {
namespace {

Status CheckNames(const CommandLine& line) {
  for (const std::string& file : line.files) {
    if (file.empty()) return Error{ErrorCode::kInvalidArgument, "a file name is empty", ""};
    if (file != "-") continue;
    return Error{ErrorCode::kInvalidArgument,
                 "documents cannot come from standard input, since they are read more than once",
                 "save the document to a file first; for a file named - use ./-"};
  }
  if (line.output_folder && line.output_folder->empty()) {
    return Error{ErrorCode::kInvalidArgument, "the name of the output folder is empty",
                 "for the current folder use -o ."};
  }
  return Ok();
}

// Removes duplicates, keeping the first of each.
std::vector<std::string> WithoutRepeats(const std::vector<std::string>& formats) {
  std::vector<std::string> once;
  for (const std::string& format : formats) {
    if (std::find(once.begin(), once.end(), format) == once.end()) once.push_back(format);
  }
  return once;
}

void AddOcr(CLI::App& app, CommandLine& line) {
  CLI::App* ocr = app.add_subcommand("ocr", "Recognise text in PDF, PNG, JPEG, TIFF or WebP files");
  ocr->add_option("FILE", line.files, "Documents to process; with -r also folders")->required();
  ocr->add_option("-o,--output", line.output_folder,
                  "Write the results to this folder, as NAME.FORMAT; without it the text goes to "
                  "standard output");
  ocr->add_option("--formats", line.formats,
                  "Output formats, separated by commas: " + OutputFormatNames(", "))
      ->delimiter(',')
      ->allow_extra_args(false);  // further arguments are files
  ocr->add_flag("--overwrite", line.overwrite,
                "Replace existing files in the output folder, whatever created them");
  ocr->add_flag("-r,--recursive", line.recursive,
                "Process the documents in folders and their subfolders");
  for (const PageOption& option : PageOptionTable()) {
    if (!option.at_submission) continue;
    ocr->add_option(std::string(option.flags), line.reading[option.key], option.help);
  }
  ocr->add_option("-p,--pages", line.pages, "Process only these pages, like 1-3,7");
  ocr->add_option("--password", line.password, "Password of an encrypted PDF");
  ocr->add_option("-j,--jobs", line.settings["OCR_WORKERS"],
                  "Number of pages to process in parallel");
  ocr->add_flag("--force", line.force, "Start over, discarding what an earlier run has done");
  ocr->add_flag("--keep", line.keep, "Keep the session directory when everything is done");
  ocr->footer(
      "If interrupted, run the same command again to resume. docs/command-line.md explains how\n"
      "results are named and what happens if a file of that name already exists.");
}

void AddServe(CLI::App& app, CommandLine& line) {
  CLI::App* serve = app.add_subcommand("serve", "Run the web service");
  serve->add_option("--host", line.settings["HOST"],
                    "Address to listen on (127.0.0.1); any but loopback requires API keys");
  serve->add_option("--port", line.settings["PORT"], "Port to listen on (7799)");
  serve->add_flag("--insecure-no-auth", line.insecure_no_auth,
                  "Let everybody who can reach the address use the service without API keys");
}

void AddKeys(CLI::App& app, CommandLine& line) {
  CLI::App* keys = app.add_subcommand("keys", "Add, list and revoke API keys of the service");
  keys->require_subcommand(1);
  CLI::App* add = keys->add_subcommand("add", "Create a key and print it, once");
  add->add_option("NAME", line.key_name, "Name of the key in lists and logs")->required();
  add->add_option("--owner", line.key_owner, "E-mail address of the owner, to whom its jobs belong")
      ->required();
  keys->add_subcommand("list", "List names, owners and dates");
  keys->add_subcommand("revoke", "Revoke a key; a running server rejects it within a second")
      ->add_option("NAME", line.key_name, "Name of the key")
      ->required();
}

void AddOthers(CLI::App& app, CommandLine& line) {
  app.add_subcommand("resume", "Resume a session directory")
      ->add_option("DIR", line.session_folder, "The session directory")
      ->required();
  app.add_subcommand("verify", "Check a session directory without changing it")
      ->add_option("DIR", line.session_folder, "The session directory")
      ->required();
  CLI::App* copy =
      app.add_subcommand("copy", "Copy a session to a bucket or back; it resumes there");
  copy->add_option("FROM", line.session_folder, "Session directory, or gs://BUCKET/users/HASH/ID")
      ->required();
  copy->add_option("TO", line.destination, "gs://BUCKET, or a data folder")->required();
  app.add_subcommand("status", "Print the status of a job as JSON")
      ->add_option("JOB", line.job, "The id of a job, or its session directory")
      ->required();
  app.add_subcommand("doctor", "Check this installation");
  app.add_subcommand("config", "Print the settings in force and where they come from");
}

void AddCommands(CLI::App& app, CommandLine& line) {
  app.set_version_flag("--version", std::string("gnosis-ocr ") + kProgramVersion);
  app.require_subcommand(1);
  app.footer(
      "Exit codes: 0 all pages done, 1 usage error, 2 unreadable input, 3 some pages failed,\n"
      "4 language or engine not installed, 5 environment (disk, permission, existing file, port),\n"
      "130 interrupted, 141 reader of standard output went away. The worst of several counts.\n"
      "See \"gnosis-ocr COMMAND --help\" for details and \"gnosis-ocr config\" for the settings.");
  app.add_option("--data-dir", line.settings["GNOSIS_DATA_DIR"], "Folder that holds the sessions");
  AddServe(app, line);
  AddKeys(app, line);
  AddOcr(app, line);
  AddOthers(app, line);
}

// "keys add": the names of the chosen commands, from outer to inner.
std::string ChosenCommand(const CLI::App& app) {
  std::string names;
  for (const CLI::App* chosen = &app; !chosen->get_subcommands().empty();) {
    chosen = chosen->get_subcommands().front();
    names += (names.empty() ? "" : " ") + chosen->get_name();
  }
  return names;
}

// `ocr a.pdf -- -x.pdf`: CLI11 gives arguments after "--" only to a command that still needs some,
// which `ocr` does not once it has one. So these names are rewritten in a form that cannot be
// mistaken for an option.
void SpellOutNames(std::vector<std::string>& arguments) {
  auto command = arguments.begin();
  while (command != arguments.end() && command->starts_with("--data-dir")) {
    const bool has_value_apart = *command == "--data-dir" && command + 1 != arguments.end();
    command += has_value_apart ? 2 : 1;
  }
  if (command == arguments.end() || *command != "ocr") return;
  const auto mark = std::find(command, arguments.end(), "--");
  if (mark == arguments.end()) return;
  for (auto name = arguments.erase(mark); name != arguments.end(); ++name) {
    if (name->size() > 1 && name->starts_with('-')) name->insert(0, "./");
  }
}

Explanation Explain(const CLI::App& app, const CLI::ParseError& error) {
  if (app.get_subcommands().empty() && error.get_exit_code() != 0 && !app.remaining().empty()) {
    return {fmt::format("There is no command {}\nRun with --help for more information.\n",
                        app.remaining().front()),
            ExitCode::kUsage};
  }
  std::ostringstream out;
  std::ostringstream err;
  const bool was_asked_for = app.exit(error, out, err) == 0;
  if (was_asked_for) return {out.str(), ExitCode::kOk};
  return {err.str(), ExitCode::kUsage};
}

}  // namespace

std::variant<CommandLine, Explanation> ParseCommandLine(int argc, const char* const* argv) {
  CommandLine line;
  CLI::App app("gnosis-ocr recognises documents: PDF or images in; text, JSON and hOCR out.\n");
  AddCommands(app, line);
  std::vector<std::string> arguments(argv + 1, argv + argc);
  SpellOutNames(arguments);
  std::reverse(arguments.begin(), arguments.end());  // the order that CLI11 requires
  app.name(argv[0]);
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    return Explain(app, error);
  }
  line.command = ChosenCommand(app);
  return line;
}

SettingSources WithFlags(SettingSources sources, const CommandLine& line) {
  if (line.insecure_no_auth) sources.flags["INSECURE_NO_AUTH"] = "true";
  for (const auto& [name, value] : line.settings) {
    if (!value.empty()) sources.flags[name] = value;
  }
  return sources;
}

Result<OcrArguments> CheckOcrArguments(const CommandLine& line) {
  RETURN_IF_ERROR(CheckNames(line));
  OcrArguments arguments;
  for (const std::string& file : line.files) arguments.files.emplace_back(file);
  if (line.output_folder) arguments.output_folder = *line.output_folder;
  arguments.folders = line.recursive ? Folders::kWalk : Folders::kRefuse;
  using Existing = OutputFolder::Existing;
  arguments.existing = line.overwrite ? Existing::kOverwrite : Existing::kKeep;
  for (const auto& [key, text] : line.reading) {
    if (!text) continue;
    RETURN_IF_ERROR(SetPageOption(PageOptionOf(key), *text, arguments.options.reading));
  }
  ASSIGN_OR_RETURN(arguments.options.pages, ParsePageRanges(line.pages));
  arguments.options.formats = WithoutRepeats(line.formats);
  arguments.password = line.password;
  using Earlier = OcrArguments::EarlierRun;
  arguments.earlier_run = line.force ? Earlier::kForget : Earlier::kGoOn;
  using Session = OcrArguments::Session;
  arguments.session = line.keep ? Session::kKeep : Session::kDelete;
  return arguments;
}

}  // namespace gnosis
