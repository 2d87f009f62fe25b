// One line per event on standard error: time, level, event, fields. Never a secret, never page
// text.
#pragma once

#include <fmt/format.h>

#include <initializer_list>
#include <string>
#include <string_view>

namespace gnosis {

enum class LogLevel { kDebug, kInfo, kWarning, kError, kOff };

// "debug", "info", "warning", "error", "off"; anything else is kInfo.
LogLevel ParseLogLevel(std::string_view name);
void SetLogLevel(LogLevel level);

struct LogField {
  std::string_view name;
  std::string value;
};
// Log(LogLevel::kInfo, "page finished", {{"session", id}, {"page", fmt::to_string(n)}});
void Log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});

}  // namespace gnosis
