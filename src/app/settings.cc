#include "app/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "app/known_settings.h"
#include "app/machine.h"
#include "base/file.h"

namespace gnosis {
namespace {

// A page child with fonts, models and the shared arena needs almost half of this.
constexpr uint64_t kSmallestMemoryBytes = uint64_t{512} << 20;
constexpr uint64_t kFormBytes = 1 << 20;
// A batch stops this long before its deadline (task/batch.cc), beyond which Cloud Tasks does not
// wait.
constexpr Seconds kBatchMargin{60};
constexpr Seconds kLongestDispatch{1800};

std::string WithoutAround(std::string_view text, std::string_view characters) {
  const auto first = text.find_first_not_of(characters);
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(characters) - first + 1));
}

std::string Trimmed(std::string_view text) { return WithoutAround(text, " \t\r\""); }

// Text between quotation marks is the value, including its blanks.
std::string ValueOf(std::string_view text) {
  const std::string value = WithoutAround(text, " \t\r");
  if (value.size() < 2 || value.front() != '"' || value.back() != '"') return Trimmed(value);
  return value.substr(1, value.size() - 2);
}

// Lines NAME=value; '#' starts a comment line.
Result<std::map<std::string, std::string>> ReadSettingsFile(const std::filesystem::path& path) {
  std::map<std::string, std::string> values;
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path, 1 << 20));
  size_t line_number = 0;
  for (size_t start = 0; start < text.size();) {
    const size_t end = std::min(text.find('\n', start), text.size());
    const std::string line(std::string_view(text).substr(start, end - start));
    start = end + 1;
    ++line_number;
    const std::string content = Trimmed(line);
    if (content.empty() || content.front() == '#') continue;
    const size_t equals = line.find('=');
    const std::string name = Trimmed(line.substr(0, equals));
    const bool known =
        std::any_of(std::begin(kKnownSettings), std::end(kKnownSettings),
                    [&](const KnownSetting& setting) { return setting.name == name; });
    if (equals == std::string::npos || !known) {
      return Error{
          ErrorCode::kInvalidArgument,
          fmt::format("{} line {}: not NAME=value of a known setting", path.string(), line_number),
          "list the settings with: gnosis-ocr config"};
    }
    values[name] = ValueOf(std::string_view(line).substr(equals + 1));
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

// Looks up the values and remembers the first error.
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

  // Empty unless `needed`; otherwise it must not be empty.
  std::string TextIf(bool needed, std::string_view name, std::string_view takes) {
    if (needed && Text(name).empty()) Fail(name, std::string(takes));
    return needed ? Text(name) : std::string();
  }

  void Fail(std::string_view name, std::string takes) {
    if (error_) return;
    const Setting& setting = Find(name);
    error_ = Error{ErrorCode::kInvalidArgument,
                   fmt::format("{} is \"{}\" (from {}): it must be {}", setting.name, setting.value,
                               setting.origin, takes),
                   ""};
  }

  const std::optional<Error>& error() const { return error_; }

 private:
  const Setting& Find(std::string_view name) const {
    const auto found = std::find_if(all_.begin(), all_.end(),
                                    [&](const Setting& setting) { return setting.name == name; });
    GNOSIS_CHECK(found != all_.end());
    return *found;
  }
  const std::vector<Setting>& all_;
  std::optional<Error> error_;
};

// Different defaults in the cloud: Cloud Run calls from outside, on this port.
void SetCloudStandards(std::vector<Setting>& all) {
  const auto is_true = [&](std::string_view name) {
    return std::any_of(all.begin(), all.end(), [&](const Setting& setting) {
      return setting.name == name && (setting.value == "true" || setting.value == "1");
    });
  };
  if (!is_true("RUNNING_IN_CLOUD")) return;
  for (Setting& setting : all) {
    if (setting.origin != "default") continue;
    if (setting.name == "HOST") setting.value = "0.0.0.0";
    if (setting.name == "PORT") setting.value = "8080";
    if (setting.name == "OCR_CHAINS") setting.value = "1";
  }
}

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
  for (const KnownSetting& known : kKnownSettings) {
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
  SetCloudStandards(all);
  return all;
}

void ReadCloud(Reader& reader, CloudSettings& cloud) {
  cloud.on = reader.Flag("RUNNING_IN_CLOUD");
  cloud.tasks = reader.Flag("CLOUD_TASKS_ENABLED");
  cloud.is_worker = cloud.on && reader.Flag("IS_WORKER");
  // A worker is called by the queue.
  if (cloud.is_worker && !cloud.tasks) {
    reader.Fail("CLOUD_TASKS_ENABLED", "true if IS_WORKER is true");
  }
  cloud.bucket = reader.TextIf(cloud.on, "GCS_BUCKET_NAME", "the name of a bucket");
  cloud.storage_emulator = reader.Text("STORAGE_EMULATOR_HOST");
  cloud.tasks_emulator = reader.Text("CLOUD_TASKS_EMULATOR_HOST");
  const bool queue = cloud.on && cloud.tasks;
  cloud.project = reader.TextIf(queue, "GOOGLE_CLOUD_PROJECT", "the id of a project");
  cloud.location = reader.TextIf(queue, "CLOUD_TASKS_LOCATION", "a region like us-central1");
  cloud.queue = reader.TextIf(queue, "CLOUD_TASKS_QUEUE", "the name of a queue");
  cloud.worker_url = reader.TextIf(queue, "WORKER_URL", "the URL of the worker service");
  cloud.service_account =
      reader.TextIf(queue, "GCP_SERVICE_ACCOUNT", "the e-mail address of an account");
  cloud.dispatch_deadline =
      std::chrono::duration_cast<Seconds>(reader.Timeout("DISPATCH_DEADLINE"));
  if (cloud.dispatch_deadline < reader.Timeout("PAGE_TIMEOUT") + kBatchMargin ||
      cloud.dispatch_deadline > kLongestDispatch) {
    reader.Fail("DISPATCH_DEADLINE", "a duration of PAGE_TIMEOUT + 60s to 30m");
  }
  cloud.stalled_after = std::chrono::duration_cast<Seconds>(reader.Timeout("STALLED_AFTER"));
  cloud.google_keys_url = reader.Text("GOOGLE_KEYS_URL");
  cloud.oidc_issuer = reader.Text("OIDC_ISSUER");
  const bool oidc = !cloud.oidc_issuer.empty();
  cloud.oidc_audience = reader.TextIf(oidc, "OIDC_AUDIENCE", "an audience");
  cloud.oidc_keys_url = reader.TextIf(oidc, "OIDC_KEYS_URL", "the URL of a JWKS document");
  cloud.iap_audience = reader.Text("IAP_AUDIENCE");
  cloud.iap_keys_url = reader.Text("IAP_KEYS_URL");
  while (cloud.worker_url.ends_with('/')) cloud.worker_url.pop_back();
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
  http.min_answer_bytes_per_second = reader.Bytes("MIN_DOWNLOAD_RATE");
  http.max_unsent_bytes = reader.Bytes("MAX_UNSENT_BYTES");
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
  settings.owner_limits.max_bytes = reader.Bytes("MAX_BYTES_PER_OWNER", 0);
  settings.owner_limits.max_pages = reader.Integer("MAX_QUEUED_PAGES_PER_OWNER", 1, 1'000'000'000);
}

}  // namespace

std::string SettingLine(const Setting& setting) {
  const bool is_plain = Trimmed(setting.value) == setting.value;
  return setting.name + (is_plain ? "=" + setting.value : "=\"" + setting.value + "\"");
}

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
  // A form with a document of the maximum size needs some additional space.
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
  ReadCloud(reader, settings.cloud);
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
