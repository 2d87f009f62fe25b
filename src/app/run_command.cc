#include "app/run_command.h"

#include <cstdio>
#include <string>
#include <system_error>

#include "app/command_ocr.h"
#include "app/commands.h"
#include "base/log.h"

namespace gnosis {
namespace {

ExitCode RunOcrOf(const Settings& settings, const CommandLine& line) {
  const auto arguments = CheckOcrArguments(line);
  return arguments.ok() ? RunOcr(settings, *arguments) : ReportError(arguments.error());
}

ExitCode RunWith(const Settings& settings, const CommandLine& line) {
  const std::string& command = line.command;
  if (command == "serve") return RunServe(settings);
  if (command == "resume") return RunResume(settings, line.session_folder);
  if (command == "verify") return RunVerify(line.session_folder);
  if (command == "copy") return RunCopy(settings, line.session_folder, line.destination);
  if (command == "status") return RunStatus(settings, line.job);
  if (command == "doctor") return RunDoctor(settings);
  if (command == "keys add") return RunKeysAdd(settings, line.key_name, line.key_owner);
  if (command == "keys list") return RunKeysList(settings);
  if (command == "keys revoke") return RunKeysRevoke(settings, line.key_name);
  if (command == "config") return RunConfig(settings);
  GNOSIS_CHECK(command == "ocr");
  return RunOcrOf(settings, line);
}

ExitCode Run(const CommandLine& line, const SettingSources& sources) {
  const auto settings = LoadSettings(WithFlags(sources, line));
  if (!settings.ok()) return ReportError(settings.error());
  // Users at a terminal need messages, not a log.
  SetLogLevel(line.command == "serve" ? ParseLogLevel(settings->log_level) : LogLevel::kOff);
  return RunWith(*settings, line);
}

ExitCode Tell(const Explanation& explanation) {
  std::FILE* const where = explanation.code == ExitCode::kOk ? stdout : stderr;
  (void)!std::fwrite(explanation.text.data(), 1, explanation.text.size(), where);
  return explanation.code;
}

}  // namespace

ExitCode RunCommand(const std::variant<CommandLine, Explanation>& wanted,
                    const SettingSources& sources) {
  try {
    const auto* line = std::get_if<CommandLine>(&wanted);
    const ExitCode code = line ? Run(*line, sources) : Tell(std::get<Explanation>(wanted));
    // The output may still be buffered, and the disk full.
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
    return WorseOf(code, ReportError({ErrorCode::kIo, "cannot write to standard output", ""}));
  } catch (const std::system_error& error) {  // fmt::print
    return ReportError({ErrorCode::kIo, std::string("cannot print: ") + error.what(), ""});
  }
}

}  // namespace gnosis
