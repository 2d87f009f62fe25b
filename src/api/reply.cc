#include "api/reply.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "door/header_values.h"

namespace gnosis {
namespace {

constexpr int64_t kMinRetryAfterSeconds = 2;
constexpr int64_t kMaxRetryAfterSeconds = 30;

std::string_view WithoutWeakMark(std::string_view tag) {
  if (tag.starts_with("W/")) tag.remove_prefix(2);
  return tag;
}

// For an answer to HEAD; never read.
class NoBody final : public LiveBody {
 public:
  Then Next(std::string&) override { return Then::kEnd; }
  std::unique_ptr<Subscription> OnChange(Wake) override { return std::make_unique<Subscription>(); }
};

// A body whose first piece is ready.
class BegunBody final : public LiveBody {
 public:
  BegunBody(std::string first, Then then, std::unique_ptr<LiveBody> rest)
      : first_(std::move(first)), then_(then), rest_(std::move(rest)) {
    heartbeat = rest_->heartbeat;
  }
  Then Next(std::string& out) override {
    if (!first_) return rest_->Next(out);
    out += *std::exchange(first_, std::nullopt);
    return then_;
  }
  std::unique_ptr<Subscription> OnChange(Wake wake) override {
    return rest_->OnChange(std::move(wake));
  }

 private:
  std::optional<std::string> first_;
  const Then then_;
  const std::unique_ptr<LiveBody> rest_;
};

HttpResponse ResponseOf(std::string content_type, std::unique_ptr<LiveBody> body) {
  HttpResponse response{200, {}, std::move(body)};
  response.headers.Set("Content-Type", std::move(content_type));
  return response;
}

}  // namespace

HttpResponse JsonResponse(int status, const Json& json) {
  return TextResponse(status, "application/json", DumpJson(json) + "\n");
}

std::string JobPath(const std::string& job_id, std::string_view rest) {
  return fmt::format("/api/v1/jobs/{}{}", job_id, rest);
}

std::string JobTag(const JobStatus& status) {
  return fmt::format("W/\"e{}-r{}\"", status.epoch, status.revision);
}

bool IsKnownToCaller(const HttpRequest& request, std::string_view tag) {
  const auto header = request.headers.Get("If-None-Match");
  if (!header) return false;
  const auto known = SplitList(*header);
  return std::any_of(known.begin(), known.end(), [&](std::string_view candidate) {
    return candidate == "*" || WithoutWeakMark(candidate) == WithoutWeakMark(tag);
  });
}

HttpResponse WithTag(const HttpRequest& request, std::string_view tag, HttpResponse response) {
  if (IsKnownToCaller(request, tag)) response = HttpResponse{304, {}, std::string()};
  response.headers.Set("ETag", std::string(tag));
  response.headers.Set("Cache-Control", "private, no-cache");
  return response;
}

std::optional<HttpResponse> ResponseWithoutBody(const HttpRequest& request, std::string_view tag,
                                                std::string_view content_type) {
  if (IsKnownToCaller(request, tag)) return WithTag(request, tag, {});
  if (request.method != "HEAD") return std::nullopt;
  return WithTag(request, tag, ResponseOf(std::string(content_type), std::make_unique<NoBody>()));
}

Result<HttpResponse> ResponseInPieces(const HttpRequest& request, std::string content_type,
                                      std::unique_ptr<LiveBody> body) {
  if (request.method == "HEAD") return ResponseOf(std::move(content_type), std::move(body));
  std::string first;
  const auto then = body->Next(first);
  if (then == LiveBody::Then::kEnd) {
    return TextResponse(200, std::move(content_type), std::move(first));
  }
  if (then == LiveBody::Then::kCut) {
    return Error{ErrorCode::kUnavailable, "what was requested changed while it was being read",
                 "repeat the request"};
  }
  return ResponseOf(std::move(content_type),
                    std::make_unique<BegunBody>(std::move(first), then, std::move(body)));
}

int RetryAfterSeconds(const JobStatus& status) {
  const int64_t eta_s = status.eta_seconds.value_or(kMinRetryAfterSeconds);
  return int(std::clamp(eta_s, kMinRetryAfterSeconds, kMaxRetryAfterSeconds));
}

HttpResponse JobResponse(const JobStatus& status) {
  const bool final = IsFinal(status.state);
  HttpResponse response = JsonResponse(final ? 200 : 202, StatusJson(status));
  response.headers.Set("Location", JobPath(status.job_id));
  if (!final) response.headers.Set("Retry-After", fmt::to_string(RetryAfterSeconds(status)));
  return response;
}

Result<bool> ReadFlag(const HttpRequest& request, const std::string& name) {
  const auto found = request.query.find(name);
  if (found == request.query.end()) return false;
  const std::string& value = found->second;
  if (value == "1" || value == "true") return true;
  if (value == "0" || value == "false") return false;
  return Error{ErrorCode::kInvalidArgument, name + " must be 0 or 1", ""};
}

Result<std::optional<int64_t>> ReadNumber(const HttpRequest& request, const std::string& name,
                                          int64_t low, int64_t high) {
  const auto found = request.query.find(name);
  if (found == request.query.end()) return std::optional<int64_t>();
  const auto number = ParseNumber(found->second);
  if (!number || *number < low || *number > high) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("{} must be a whole number from {} to {}", name, low, high), ""};
  }
  return number;
}

}  // namespace gnosis
