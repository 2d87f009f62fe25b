// From what the command line says to the command that does it.
#pragma once

#include <variant>

#include "app/command_line.h"
#include "app/exit_code.h"
#include "app/settings.h"

namespace gnosis {

// Runs the command, or prints what there is to say instead. kEnvironment when standard output did
// not take everything.
ExitCode RunCommand(const std::variant<CommandLine, Explanation>& wanted,
                    const SettingSources& sources);

}  // namespace gnosis
