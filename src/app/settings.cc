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
    {"HOST", "127.0.0.1", "address the service listens on; other than loopback wants API keys"},
    {"PORT", "7799", "port the service listens on; 0 takes any free one"},
    {"ALLOWED_HOSTS", "", "further names in the header Host, without keys: ocr.lan,ocr.lan:8080"},
    {"INSECURE_NO_AUTH", "false", "true: listen on any address without API keys"},
    {"LOG_LEVEL", "info", "debug, info, warning, error or off"},
    {"MAX_UPLOAD_BYTES", "500MB", "largest document that is accepted"},
    {"MAX_PAGES", "5000", "most pages of one document"},
    {"SESSION_TTL", "7d", "how long a job is kept after its submission; 0 keeps it for ever"},
    {"MAX_FILE_NAME_BYTES", "255", "longest name of a document"},
    {"MAX_IDEMPOTENCY_KEY_BYTES", "255", "longest Idempotency-Key"},
    {"MAX_JOBS_PER_OWNER", "1000", "most unfinished jobs of one owner"},
    {"MAX_QUEUED_PAGES_PER_OWNER", "50000", "most pages of one owner's unfinished jobs"},
    {"UPLOAD_TTL", "24h", "how long a resumable upload is kept after its creation"},
    {"MAX_UPLOADS_PER_OWNER", "100", "most unfinished resumable uploads of one owner"},
    {"MAX_EVENT_STREAMS_PER_OWNER", "1000", "most open event streams of one owner"},
    {"MAX_REQUESTS_PER_SECOND", "1000",
     "most requests of one owner, or of one address without key"},
    {"MAX_QUEUE_DEPTH", "20000", "most waiting tasks of all owners; more work is refused"},
    {"DISK_FLOOR", "256MB", "with less free disk no new work is taken; 0: a document has to fit"},
    {"MEMORY_FLOOR", "64MB", "with less free memory no new work is taken; 0 never looks"},
    {"MAX_CONNECTIONS", "10000", "most open connections; idle ones give way"},
    {"MAX_CONNECTIONS_PER_ADDRESS", "2000", "most open connections of one address"},
    {"MAX_HEADER_BYTES", "16KiB", "largest head of a request"},
    {"MAX_TARGET_BYTES", "8KiB", "longest path and query of a request"},
    {"HEADER_TIMEOUT", "15s", "longest time for the head of a request"},
    {"BODY_TIMEOUT", "60s", "longest pause in the body of a request or in taking an answer"},
    {"MIN_UPLOAD_RATE", "1000", "bytes per second that an upload has to reach on average"},
    {"KEEP_ALIVE_TIMEOUT", "60s", "how long an idle connection is kept"},
    {"LOCK_OUT_FAILURES", "10", "wrong API keys within LOCK_OUT_TIME that lock an address out"},
    {"LOCK_OUT_TIME", "60s", "how long an address stays locked out"},
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
constexpr uint64_t kFormBytes = 1 << 20;

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
  uint64_t Bytes(std::string_view name, uint64_t low = 1, uint64_t high = UINT64_MAX) {
    if (const auto value = ParseBytes(Text(name)); value && *value >= low && *value <= high) {
      return *value;
    }
    Fail(name, "a size such as 500MB");
    return low;
  }
  bool Flag(std::string_view name) {
    const std::string& text = Text(name);
    if (text == "true" || text == "1") return true;
    if (text != "false" && text != "0") Fail(name, "true or false");
    return false;
  }
  std::vector<std::string> List(std::string_view name) {
    std::vector<std::string> items;
    const std::string& text = Text(name);
    for (size_t start = 0; start < text.size();) {
      const size_t end = std::min(text.find(',', start), text.size());
      std::string item = Trimmed(std::string_view(text).substr(start, end - start));
      if (!item.empty()) items.push_back(std::move(item));
      start = end + 1;
    }
    return items;
  }
  uint64_t Memory(std::string_view name) {
    if (const auto value = ParseBytes(Text(name)); value && *value >= kSmallestMemoryBytes) {
      return *value;
    }
    Fail(name, fmt::format("a size of at least {}MiB, such as 2GiB", kSmallestMemoryBytes >> 20));
    return 0;
  }
  Seconds Timeout(std::string_view name) {
    const Seconds value = Duration(name);
    if (value < Seconds(1) || value > Seconds(24 * 3600)) Fail(name, "a duration of 1s to 24h");
    return value;
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

void ReadHttp(Reader& reader, HttpServerOptions& http) {
  constexpr uint64_t kMaxHeadBytes = 1 << 20;
  http.host = reader.Text("HOST");
  http.port = uint16_t(reader.Integer("PORT", 0, 65'535));
  http.max_header_bytes = uint32_t(reader.Bytes("MAX_HEADER_BYTES", 1024, kMaxHeadBytes));
  http.max_target_bytes = reader.Bytes("MAX_TARGET_BYTES", 64, kMaxHeadBytes);
  http.max_connections = reader.Integer("MAX_CONNECTIONS", 1, 1'000'000);
  http.max_connections_per_address = reader.Integer("MAX_CONNECTIONS_PER_ADDRESS", 1, 1'000'000);
  http.header_timeout = reader.Timeout("HEADER_TIMEOUT");
  http.body_idle_timeout = reader.Timeout("BODY_TIMEOUT");
  http.min_body_bytes_per_second = reader.Bytes("MIN_UPLOAD_RATE");
  http.keep_alive_timeout = reader.Timeout("KEEP_ALIVE_TIMEOUT");
  http.body_limit_hint = "raise MAX_UPLOAD_BYTES, or split the document";
}

void ReadAccess(Reader& reader, Settings& settings) {
  settings.insecure_no_auth = reader.Flag("INSECURE_NO_AUTH");
  const bool loopback = IsLoopbackName(settings.http.host);
  settings.access.hosts = {loopback ? Exposure::kLoopback : Exposure::kNetwork,
                           reader.List("ALLOWED_HOSTS")};
  settings.access.max_requests_per_second = reader.Integer("MAX_REQUESTS_PER_SECOND", 1, 1'000'000);
  settings.access.lock_out.max_failures = reader.Integer("LOCK_OUT_FAILURES", 1, 1'000'000);
  settings.access.lock_out.time =
      std::chrono::duration_cast<Seconds>(reader.Timeout("LOCK_OUT_TIME"));
}

void ReadWorkLimits(Reader& reader, Settings& settings) {
  ApiLimits& api = settings.api_limits;
  api.max_file_name_bytes = reader.Bytes("MAX_FILE_NAME_BYTES", 1, 4096);
  api.max_idempotency_key_bytes = reader.Bytes("MAX_IDEMPOTENCY_KEY_BYTES", 1, 4096);
  api.max_event_streams = reader.Integer("MAX_EVENT_STREAMS_PER_OWNER", 1, 1'000'000);
  api.max_queue_depth = size_t(reader.Integer("MAX_QUEUE_DEPTH", 1, 100'000'000));
  api.disk_floor_bytes = reader.Bytes("DISK_FLOOR", 0);
  api.memory_floor_bytes = reader.Bytes("MEMORY_FLOOR", 0);
  settings.uploads.ttl = std::max(Seconds(1), reader.Duration("UPLOAD_TTL"));
  settings.uploads.max_per_owner = reader.Integer("MAX_UPLOADS_PER_OWNER", 1, 10'000);
  settings.owner_limits.max_jobs = reader.Integer("MAX_JOBS_PER_OWNER", 1, 1'000'000);
  settings.owner_limits.max_pages = reader.Integer("MAX_QUEUED_PAGES_PER_OWNER", 1, 1'000'000'000);
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
  ReadHttp(reader, settings.http);
  ReadAccess(reader, settings);
  ReadWorkLimits(reader, settings);
  settings.log_level = reader.Text("LOG_LEVEL");
  settings.max_upload_bytes = reader.Bytes("MAX_UPLOAD_BYTES");
  // The form around a document of the largest size needs some room, too.
  settings.http.max_body_bytes = settings.max_upload_bytes + kFormBytes;
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
