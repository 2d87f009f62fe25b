// The command line as text; the command validates the values when it runs.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "app/command_ocr.h"
#include "app/exit_code.h"
#include "app/settings.h"
#include "base/result.h"

namespace gnosis {

struct CommandLine {
  std::string command;                          // "ocr", "keys add"
  std::map<std::string, std::string> settings;  // by the setting's name; "": not given
  std::vector<std::string> files;
  std::optional<std::string> output_folder;
  std::map<std::string_view, std::optional<std::string>> reading;  // by PageOption::key
  std::string pages;
  std::vector<std::string> formats = {"txt"};
  std::string password;
  bool recursive = false;
  bool overwrite = false;
  bool force = false;
  bool keep = false;
  std::string session_folder;
  std::string destination;
  std::string job;
  std::string key_name;
  std::string key_owner;
  bool insecure_no_auth = false;
};

// Output instead of running a command: help or the version for standard output (kOk), or an error
// in the command line for standard error (kUsage).
struct Explanation {
  std::string text;
  ExitCode code = ExitCode::kOk;
};

std::variant<CommandLine, Explanation> ParseCommandLine(int argc, const char* const* argv);

// `sources` with the settings from the command line as flags.
SettingSources WithFlags(SettingSources sources, const CommandLine& line);

// The arguments of `ocr`. kInvalidArgument, kUnsupportedFormat.
Result<OcrArguments> CheckOcrArguments(const CommandLine& line);

}  // namespace gnosis
