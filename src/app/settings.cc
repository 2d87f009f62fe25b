#include "app/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "app/machine.h"
#include "base/file.h"

namespace gnosis {
namespace {

struct Known {
  const char* name;
  const char* standard;
  const char* meaning;
};
constexpr Known kKnown[] = {
    {"GNOSIS_DATA_DIR", "", "where sessions live (~/.local/share/gnosis-ocr)"},
    {"HOST", "127.0.0.1", "address the service listens on; loopback only in this version"},
    {"PORT", "7799", "port the service listens on; 0 takes any free one"},
    {"LOG_LEVEL", "info", "debug, info, warning, error or off"},
    {"MAX_UPLOAD_BYTES", "500MB", "largest document that is accepted"},
    {"MAX_PAGES", "5000", "most pages of one document"},
    {"SESSION_TTL", "7d", "how long a job is kept after its submission; 0 keeps it for ever"},
    {"OCR_BATCH_SIZE", "10", "pages per task"},
    {"OCR_WORKERS", "0", "page workers; 0 is one per CPU of the quota"},
    {"OCR_CHAINS", "0", "batches of one document side by side; 0 is one per page worker"},
    {"PAGE_TIMEOUT", "120s", "longest time for one attempt at one page"},
    {"PAGE_CPU_TIMEOUT", "100s", "longest processor time for one attempt at one page"},
    {"OPEN_TIMEOUT", "30s", "longest time to open a document and count its pages"},
    {"PAGE_MEMORY", "4GiB", "address space of the process that reads a document"},
    {"MAX_PAGE_PIXELS", "100000000", "a larger page is read at a lower resolution"},
    {"MAX_PAGE_SIDE", "30000", "pixels; a longer page is read at a lower resolution"},
    {"MODEL_CACHE_PATH", "", "where *.traineddata is looked for besides the system's folders"},
};

// A page child with fonts, models and the shared arena takes nearly half of this for itself.
constexpr uint64_t kSmallestMemoryBytes = uint64_t{512} << 20;

std::string Trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\"");
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(" \t\r\"") - first + 1));
}

// Lines NAME=value; '#' starts a comment line.
Result<std::map<std::string, std::string>> ReadSettingsFile(const std::filesystem::path& path) {
  std::map<std::string, std::string> values;
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path, 1 << 20));
  size_t line_number = 0;
  for (size_t start = 0; start < text.size();) {
    const size_t end = std::min(text.find('\n', start), text.size());
    const std::string line = Trimmed(std::string_view(text).substr(start, end - start));
    start = end + 1;
    ++line_number;
    if (line.empty() || line.front() == '#') continue;
    const size_t equals = line.find('=');
    const std::string name = Trimmed(line.substr(0, equals));
    const bool known = std::any_of(std::begin(kKnown), std::end(kKnown),
                                   [&](const Known& setting) { return setting.name == name; });
    if (equals == std::string::npos || !known) {
      return Error{
          ErrorCode::kInvalidArgument,
          fmt::format("{} line {}: not NAME=value of a known setting", path.string(), line_number),
          "gnosis-ocr config lists the settings"};
    }
    values[name] = Trimmed(std::string_view(line).substr(equals + 1));
  }
  return values;
}

std::string DefaultDataDir() {
  if (const char* data = std::getenv("XDG_DATA_HOME"); data != nullptr && *data != '\0') {
    return std::string(data) + "/gnosis-ocr";
  }
  const char* home = std::getenv("HOME");
  return std::string(home != nullptr && *home != '\0' ? home : "/var/lib") +
         "/.local/share/gnosis-ocr";
}

std::optional<uint64_t> Number(std::string_view digits) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

struct Unit {
  std::string_view suffix;
  uint64_t factor;
};
std::optional<uint64_t> WithUnit(std::string_view text, std::initializer_list<Unit> units) {
  for (const Unit& unit : units) {
    if (!text.ends_with(unit.suffix)) continue;
    const auto value = Number(text.substr(0, text.size() - unit.suffix.size()));
    if (!value || *value > UINT64_MAX / 2 / unit.factor) return std::nullopt;
    return *value * unit.factor;
  }
  return Number(text);
}

// Looks the texts up and remembers the first thing that is wrong.
class Reader {
 public:
  explicit Reader(const std::vector<Setting>& all) : all_(all) {}

  const std::string& Text(std::string_view name) { return Find(name).value; }

  int Integer(std::string_view name, int low, int high) {
    const auto value = Number(Text(name));
    if (value && *value >= uint64_t(low) && *value <= uint64_t(high)) return int(*value);
    Fail(name, fmt::format("a number from {} to {}", low, high));
    return low;
  }
  uint64_t Bytes(std::string_view name) {
    if (const auto value = ParseBytes(Text(name)); value && *value > 0) return *value;
    Fail(name, "a size such as 500MB");
    return 0;
  }
  uint64_t Memory(std::string_view name) {
    if (const auto value = ParseBytes(Text(name)); value && *value >= kSmallestMemoryBytes) {
      return *value;
    }
    Fail(name, fmt::format("a size of at least {}MiB, such as 2GiB", kSmallestMemoryBytes >> 20));
    return 0;
  }
  Seconds Timeout(std::string_view name) {
    if (const auto value = ParseDuration(Text(name)); value && *value > Seconds(0)) return *value;
    Fail(name, "a duration above 0 such as 90s or 5m");
    return Seconds(0);
  }
  Seconds Duration(std::string_view name) {
    if (const auto value = ParseDuration(Text(name))) return *value;
    Fail(name, "a duration such as 7d, 12h, 30m or 90s");
    return Seconds(0);
  }

  const std::optional<Error>& error() const { return error_; }

 private:
  const Setting& Find(std::string_view name) const {
    const auto found = std::find_if(all_.begin(), all_.end(),
                                    [&](const Setting& setting) { return setting.name == name; });
    GNOSIS_CHECK(found != all_.end());
    return *found;
  }
  void Fail(std::string_view name, std::string takes) {
    if (error_) return;
    const Setting& setting = Find(name);
    error_ = Error{ErrorCode::kInvalidArgument,
                   fmt::format("{} is \"{}\" (from {}): it takes {}", setting.name, setting.value,
                               setting.origin, takes),
                   ""};
  }

  const std::vector<Setting>& all_;
  std::optional<Error> error_;
};

Result<std::vector<Setting>> Collect(const SettingSources& sources) {
  std::map<std::string, std::string> from_file;
  std::string file_name;
  for (const auto& file : sources.files) {
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored)) continue;
    ASSIGN_OR_RETURN(from_file, ReadSettingsFile(file));
    file_name = file.string();
    break;
  }
  std::vector<Setting> all;
  for (const Known& known : kKnown) {
    Setting setting{known.name, known.standard, "default", known.meaning};
    if (const auto found = from_file.find(known.name); found != from_file.end()) {
      setting.value = found->second;
      setting.origin = file_name;
    }
    if (const auto value = sources.environment(known.name); value && !value->empty()) {
      setting.value = *value;
      setting.origin = "environment";
    }
    if (const auto found = sources.flags.find(known.name); found != sources.flags.end()) {
      setting.value = found->second;
      setting.origin = "flag";
    }
    if (setting.name == "GNOSIS_DATA_DIR" && setting.value.empty()) {
      setting.value = DefaultDataDir();
    }
    all.push_back(std::move(setting));
  }
  return all;
}

}  // namespace

std::optional<uint64_t> ParseBytes(std::string_view text) {
  return WithUnit(text, {{"KiB", 1u << 10},
                         {"MiB", 1u << 20},
                         {"GiB", 1u << 30},
                         {"KB", 1'000},
                         {"MB", 1'000'000},
                         {"GB", 1'000'000'000}});
}

std::optional<Seconds> ParseDuration(std::string_view text) {
  const auto value = WithUnit(text, {{"d", 86'400}, {"h", 3'600}, {"m", 60}, {"s", 1}});
  constexpr uint64_t kCentury = uint64_t{100} * 366 * 86'400;
  if (!value || *value > kCentury) return std::nullopt;
  return Seconds(int64_t(*value));
}

Result<Settings> LoadSettings(const SettingSources& sources) {
  Settings settings;
  ASSIGN_OR_RETURN(settings.all, Collect(sources));
  Reader reader(settings.all);
  settings.data_dir = reader.Text("GNOSIS_DATA_DIR");
  settings.host = reader.Text("HOST");
  settings.port = uint16_t(reader.Integer("PORT", 0, 65'535));
  settings.log_level = reader.Text("LOG_LEVEL");
  settings.max_upload_bytes = reader.Bytes("MAX_UPLOAD_BYTES");
  settings.max_pages = reader.Integer("MAX_PAGES", 1, 1'000'000);
  const Seconds ttl = reader.Duration("SESSION_TTL");
  if (ttl > Seconds(0)) settings.session_ttl = ttl;
  settings.batch_size = reader.Integer("OCR_BATCH_SIZE", 1, 1'000);
  settings.workers = reader.Integer("OCR_WORKERS", 0, 256);
  if (settings.workers == 0) settings.workers = UsableCpus();
  settings.chains = reader.Integer("OCR_CHAINS", 0, 256);
  if (settings.chains == 0) settings.chains = settings.workers;
  settings.page_timeout = reader.Timeout("PAGE_TIMEOUT");
  settings.page_cpu_timeout = reader.Timeout("PAGE_CPU_TIMEOUT");
  settings.open_timeout = reader.Timeout("OPEN_TIMEOUT");
  settings.page_memory_bytes = reader.Memory("PAGE_MEMORY");
  settings.max_page_pixels = reader.Integer("MAX_PAGE_PIXELS", 10'000, 1'000'000'000);
  settings.max_page_side = reader.Integer("MAX_PAGE_SIDE", 100, 65'500);
  settings.model_cache_path = reader.Text("MODEL_CACHE_PATH");
  if (reader.error()) return *reader.error();
  return settings;
}

SettingSources DefaultSources() {
  SettingSources sources;
  sources.environment = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
  if (const char* config = std::getenv("XDG_CONFIG_HOME"); config != nullptr && *config != '\0') {
    sources.files.emplace_back(std::filesystem::path(config) / "gnosis-ocr" / "config");
  } else if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0') {
    sources.files.emplace_back(std::filesystem::path(home) / ".config" / "gnosis-ocr" / "config");
  }
  sources.files.emplace_back("/etc/gnosis-ocr.conf");
  return sources;
}

}  // namespace gnosis
