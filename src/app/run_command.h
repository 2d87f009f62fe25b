// Runs the command that the command line selects.
#pragma once

#include <variant>

#include "app/command_line.h"
#include "app/exit_code.h"
#include "app/settings.h"

namespace gnosis {

// Runs the command, or prints the explanation instead. kEnvironment if standard output did not
// accept everything.
ExitCode RunCommand(const std::variant<CommandLine, Explanation>& wanted,
                    const SettingSources& sources);

}  // namespace gnosis
