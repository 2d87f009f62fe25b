// `gnosis-ocr keys add|list|revoke`: the API keys of a data folder. A running server follows within
// a second.
#pragma once

#include <string>

#include "app/exit_code.h"
#include "app/settings.h"

namespace gnosis {

// Prints the new key on standard output, once: only its hash is kept.
ExitCode RunKeysAdd(const Settings& settings, const std::string& name, const std::string& owner);
// One line a key: name, owner, since when.
ExitCode RunKeysList(const Settings& settings);
ExitCode RunKeysRevoke(const Settings& settings, const std::string& name);

}  // namespace gnosis
