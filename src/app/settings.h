// Settings: each has a name, a default and a meaning, and comes from a flag, the environment or a
// file, in this order. `gnosis-ocr config` prints the current values and their origins.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/api.h"
#include "base/clock.h"
#include "base/result.h"
#include "net/http_server.h"
#include "task/admission_quota.h"
#include "task/partial_uploads.h"

namespace gnosis {

struct Setting {
  std::string name;
  std::string value;
  std::string origin;  // "default", "environment", "flag", or the file's path
  std::string meaning;
};

// For the same program on Google Cloud. Everything is ignored unless `on`.
struct CloudSettings {
  bool on = false;         // RUNNING_IN_CLOUD: state lives in a bucket
  bool tasks = true;       // CLOUD_TASKS_ENABLED: false processes pages in this process
  bool is_worker = false;  // IS_WORKER: called only by the queue
  std::string worker_url;
  std::string project;
  std::string location;
  std::string queue;
  std::string bucket;
  std::string service_account;
  std::string storage_emulator;  // "host:port" or a URL; "": the real service
  std::string tasks_emulator;
  Seconds dispatch_deadline{600};
  Seconds stalled_after{300};
  std::string google_keys_url;
  // Users in addition to those with API keys; "": none.
  std::string oidc_issuer;
  std::string oidc_audience;
  std::string oidc_keys_url;
  std::string iap_audience;
  std::string iap_keys_url;
};

// Parsed and validated.
struct Settings {
  std::filesystem::path data_dir;
  HttpServerOptions http;  // listening address, and limits of connections and requests
  bool insecure_no_auth = false;
  AccessOptions access;
  ApiLimits api_limits;
  OwnerLimits owner_limits;
  PartialUploadOptions uploads;
  std::string log_level;
  uint64_t max_upload_bytes = 0;
  int max_pages = 0;
  std::optional<Seconds> session_ttl;  // nothing: kept forever
  int batch_size = 0;
  int workers = 0;  // page workers; OCR_WORKERS=0 is the CPU quota
  int chains = 0;   // OCR_CHAINS=0 is the number of workers
  Seconds page_timeout{};
  Seconds page_cpu_timeout{};
  Seconds open_timeout{};
  uint64_t page_memory_bytes = 0;
  int max_page_pixels = 0;
  int max_page_side = 0;
  std::string model_cache_path;
  CloudSettings cloud;
  std::vector<Setting> all;  // as text, in the order of the documentation
};

// "NAME=value" as in a settings file: reading it gives the same value, unless that contains a line
// feed.
std::string SettingLine(const Setting& setting);

struct SettingSources {
  std::map<std::string, std::string> flags;  // by the setting's name
  std::function<std::optional<std::string>(const std::string&)> environment;
  std::vector<std::filesystem::path> files;  // the first that exists is read; none need exist
};
// kInvalidArgument names the setting, its value, its origin and the allowed values.
Result<Settings> LoadSettings(const SettingSources& sources);

// The environment of this process and the default files.
SettingSources DefaultSources();

// "500MB", "500000000", "64KiB" -> bytes. "7d", "12h", "30m", "90s", "90", "0" -> seconds.
std::optional<uint64_t> ParseBytes(std::string_view text);
std::optional<Seconds> ParseDuration(std::string_view text);

}  // namespace gnosis
