#include "net/http_client.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <vector>

namespace gnosis {
namespace {

struct EasyDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using EasyHandle = std::unique_ptr<CURL, EasyDeleter>;

struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, ListDeleter>;

// The state that the callbacks of one call share.
struct Transfer {
  const HttpCall& call;
  HttpReply reply;
  uint64_t header_bytes = 0;
  uint64_t body_bytes = 0;
  size_t sent = 0;
  int times_sent = 0;
  bool has_head = false;       // and on_head was told
  std::optional<Error> error;  // why a callback ended the call
};

std::string_view Trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") + 1 - begin);
}

bool IsSuccess(int status) { return status >= 200 && status < 300; }

size_t OnHeader(char* data, size_t size, size_t count, void* user) {
  Transfer& transfer = *static_cast<Transfer*>(user);
  const std::string_view line(data, size * count);
  transfer.header_bytes += line.size();
  if (transfer.header_bytes > transfer.call.max_header_bytes) {
    transfer.error = Error{ErrorCode::kTooLarge,
                           fmt::format("the response headers are longer than {} bytes",
                                       transfer.call.max_header_bytes),
                           ""};
    return 0;
  }
  if (line.starts_with("HTTP/")) {  // also after a 100 Continue
    transfer.reply.headers = {};
    return line.size();
  }
  const size_t colon = line.find(':');
  if (colon != std::string_view::npos) {
    transfer.reply.headers.Add(std::string(Trimmed(line.substr(0, colon))),
                               std::string(Trimmed(line.substr(colon + 1))));
  }
  return line.size();
}

struct WriteTarget {
  Transfer* transfer;
  CURL* handle;
};

void ReadStatus(CURL* handle, Transfer& transfer) {
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  transfer.reply.status = int(status);
}

Status TellHead(Transfer& transfer) {
  if (transfer.has_head || !transfer.call.on_head) return Ok();
  transfer.has_head = true;
  return transfer.call.on_head(transfer.reply);
}

Status GiveToSink(Transfer& transfer, std::string_view piece) {
  RETURN_IF_ERROR(TellHead(transfer));
  return transfer.call.sink(piece);
}

size_t OnBody(char* data, size_t size, size_t count, void* user) {
  const WriteTarget& target = *static_cast<WriteTarget*>(user);
  Transfer& transfer = *target.transfer;
  const std::string_view piece(data, size * count);
  transfer.body_bytes += piece.size();
  if (transfer.body_bytes > transfer.call.max_body_bytes) {
    transfer.error = Error{
        ErrorCode::kTooLarge,
        fmt::format("the response is longer than {} bytes", transfer.call.max_body_bytes), ""};
    return 0;
  }
  ReadStatus(target.handle, transfer);
  if (!transfer.call.sink || !IsSuccess(transfer.reply.status)) {
    transfer.reply.body += piece;
    return piece.size();
  }
  if (const Status taken = GiveToSink(transfer, piece); !taken.ok()) {
    transfer.error = taken.error();
    return 0;
  }
  return piece.size();
}

size_t OnRead(char* buffer, size_t size, size_t count, void* user) {
  Transfer& transfer = *static_cast<Transfer*>(user);
  const size_t taken = std::min(size * count, transfer.call.body.size() - transfer.sent);
  std::copy_n(transfer.call.body.data() + transfer.sent, taken, buffer);
  transfer.sent += taken;
  return taken;
}

int OnProgress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Transfer*>(user)->call.stop.stop_requested() ? 1 : 0;
}

// libcurl resends a request on its own when a reused connection turns out to be dead. The first one
// may have taken effect: only requests that change nothing may be repeated without our knowledge.
int BeforeRequest(void* user, char*, char*, int, int) {
  Transfer& transfer = *static_cast<Transfer*>(user);
  const bool is_harmless = transfer.call.method == "GET" || transfer.call.method == "HEAD";
  if (transfer.times_sent++ == 0 || is_harmless) return CURL_PREREQFUNC_OK;
  transfer.error = Error{ErrorCode::kUnavailable, "the connection was interrupted", ""};
  return CURL_PREREQFUNC_ABORT;
}

bool HasBody(const HttpCall& call) {
  return !call.body.empty() || call.method == "POST" || call.method == "PUT" ||
         call.method == "PATCH";
}

HeaderList ToList(const HttpCall& call) {
  curl_slist* list = nullptr;
  const auto append = [&list](const std::string& line) {
    list = curl_slist_append(list, line.c_str());
    GNOSIS_CHECK(list != nullptr);
  };
  append("Expect:");  // waiting for 100 Continue is of no use here
  if (HasBody(call) && !call.headers.Get("Content-Type")) append("Content-Type:");
  for (const auto& [name, value] : call.headers.all()) {
    append(value.empty() ? name + ";" : name + ": " + value);
  }
  return HeaderList(list);
}

bool IsCleanHeader(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

Status CheckCall(const HttpCall& call) {
  if (!call.url.starts_with("http://") && !call.url.starts_with("https://")) {
    return Error{ErrorCode::kInvalidArgument, "not an http or https URL", ""};
  }
  for (const auto& [name, value] : call.headers.all()) {
    if (!IsCleanHeader(name) || !IsCleanHeader(value)) {
      return Error{ErrorCode::kInvalidArgument, "control character in header " + name, ""};
    }
  }
  return Ok();
}

void SetMethod(CURL* handle, const HttpCall& call, Transfer& transfer) {
  if (call.method == "HEAD") {
    curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
  } else if (HasBody(call)) {
    curl_easy_setopt(handle, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(handle, CURLOPT_READFUNCTION, OnRead);
    curl_easy_setopt(handle, CURLOPT_READDATA, &transfer);
    curl_easy_setopt(handle, CURLOPT_INFILESIZE_LARGE, curl_off_t(call.body.size()));
    curl_easy_setopt(handle, CURLOPT_UPLOAD_BUFFERSIZE, 256L * 1024);
  }
  curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, call.method.c_str());
}

void SetLimits(CURL* handle, const HttpCall& call) {
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, long(call.connect_timeout.count()));
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, long(call.total_timeout.count()));
  curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, long(call.low_speed_bytes_per_s));
  curl_easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, long(call.low_speed_time.count()));
}

// The options for every call; the handle is new or reset.
void SetCommon(CURL* handle, const HttpClientOptions& options) {
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle, CURLOPT_PROXY, options.proxy.c_str());
  curl_easy_setopt(handle, CURLOPT_NETRC, long(CURL_NETRC_IGNORED));
  curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(handle, CURLOPT_TCP_NODELAY, 1L);
  curl_easy_setopt(handle, CURLOPT_TCP_KEEPALIVE, 1L);
  // One request per connection at a time: the meaning of a cut stays clear.
  curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, long(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(handle, CURLOPT_USERAGENT, options.user_agent.c_str());
  if (!options.ca_file.empty()) curl_easy_setopt(handle, CURLOPT_CAINFO, options.ca_file.c_str());
}

void SetCallbacks(CURL* handle, Transfer& transfer, WriteTarget& target) {
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, OnHeader);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, OnBody);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &target);
  curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, OnProgress);
  curl_easy_setopt(handle, CURLOPT_XFERINFODATA, &transfer);
  curl_easy_setopt(handle, CURLOPT_PREREQFUNCTION, BeforeRequest);
  curl_easy_setopt(handle, CURLOPT_PREREQDATA, &transfer);
}

// Without the query, which may hold a secret.
std::string PlaceOf(const std::string& url) { return url.substr(0, url.find('?')); }

Error ToError(CURLcode code, const char* detail, const HttpCall& call) {
  if (call.stop.stop_requested()) return {ErrorCode::kInterrupted, "asked to stop", ""};
  const std::string what = *detail != '\0' ? detail : curl_easy_strerror(code);
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return {ErrorCode::kTimeout, what, ""};
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return {ErrorCode::kInvalidArgument, what, ""};
    default:
      return {ErrorCode::kUnavailable, what, ""};
  }
}

class CurlClient final : public HttpClient {
 public:
  explicit CurlClient(HttpClientOptions options) : options_(std::move(options)) {}

  Result<HttpReply> Send(const HttpCall& call) override {
    if (const Status good = CheckCall(call); !good.ok()) {
      return good.error().Context(PlaceOf(call.url));
    }
    if (call.stop.stop_requested()) return Error{ErrorCode::kInterrupted, "asked to stop", ""};
    EasyHandle handle = Take();
    auto reply = SendWith(handle.get(), call);
    GiveBack(std::move(handle));
    if (!reply.ok()) return reply.error().Context(call.method + " " + PlaceOf(call.url));
    return reply;
  }

 private:
  Result<HttpReply> SendWith(CURL* handle, const HttpCall& call) {
    Transfer transfer{.call = call};
    WriteTarget target{&transfer, handle};
    std::array<char, CURL_ERROR_SIZE> detail{};
    const HeaderList headers = ToList(call);
    SetCommon(handle, options_);
    SetCallbacks(handle, transfer, target);
    SetLimits(handle, call);
    curl_easy_setopt(handle, CURLOPT_URL, call.url.c_str());
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, detail.data());
    SetMethod(handle, call, transfer);
    const CURLcode code = curl_easy_perform(handle);
    curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, nullptr);
    if (transfer.error) return *transfer.error;
    if (code != CURLE_OK) return ToError(code, detail.data(), call);
    ReadStatus(handle, transfer);
    if (IsSuccess(transfer.reply.status)) RETURN_IF_ERROR(TellHead(transfer));
    return std::move(transfer.reply);
  }

  EasyHandle Take() {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        EasyHandle handle = std::move(idle_.back());
        idle_.pop_back();
        return handle;
      }
    }
    EasyHandle handle(curl_easy_init());
    GNOSIS_CHECK(handle != nullptr);
    return handle;
  }

  void GiveBack(EasyHandle handle) {
    curl_easy_reset(handle.get());  // keeps its connections
    const std::lock_guard lock(mutex_);
    if (idle_.size() < options_.max_idle_handles) idle_.push_back(std::move(handle));
  }

  const HttpClientOptions options_;
  std::mutex mutex_;
  std::vector<EasyHandle> idle_;  // the last one back is the first one out
};

}  // namespace

std::unique_ptr<HttpClient> NewHttpClient(HttpClientOptions options) {
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  GNOSIS_CHECK(initialised == CURLE_OK);
  return std::make_unique<CurlClient>(std::move(options));
}

}  // namespace gnosis
