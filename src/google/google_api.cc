#include "google/google_api.h"

#include <fmt/format.h>

#include <utility>

#include "base/json.h"

namespace gnosis {
namespace {

constexpr size_t kMaxMessage = 300;

std::string OneLine(std::string text) {
  if (text.size() > kMaxMessage) text.resize(kMaxMessage);
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  return text;
}

// Without the query: a session's URI is a secret.
std::string PlaceOf(const HttpCall& call) {
  return call.method + " " + call.url.substr(0, call.url.find('?'));
}

Error Exhausted(const HttpCall& call, int attempts, const std::string& last) {
  return Error{ErrorCode::kUnavailable,
               fmt::format("{}: {} ({} attempts)", PlaceOf(call), last, attempts), ""};
}

}  // namespace

std::string MessageOf(const HttpReply& reply) {
  if (const auto json = ParseJson(reply.body); json.ok() && json->is_object()) {
    const auto error = json->find("error");
    if (error != json->end()) {
      if (const auto message = JsonString(*error, "message")) return OneLine(*message);
      // OAuth: {"error": "invalid_grant", "error_description": "..."}
      const std::string code = JsonString(*json, "error").value_or("");
      return OneLine(code + ": " + JsonString(*json, "error_description").value_or(""));
    }
  }
  return OneLine(reply.body.empty() ? std::string(ReasonPhrase(reply.status)) : reply.body);
}

bool IsBroken(const Error& error) {
  return error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kTimeout;
}

std::string OriginOf(std::string_view url) {
  const size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return "";
  return std::string(url.substr(0, url.find_first_of("/?#", scheme + 3)));
}

bool IsLoopbackUrl(std::string_view url) {
  const std::string origin = OriginOf(url);
  for (const std::string_view host : {"http://127.0.0.1", "http://[::1]", "http://localhost"}) {
    if (origin == host || origin.starts_with(std::string(host) + ":")) {
      return origin.find('@') == std::string::npos;  // "http://localhost:x@elsewhere"
    }
  }
  return false;
}

GoogleApi::GoogleApi(HttpClient& http, TokenSource& tokens, RetryPolicy retry, Timing timing)
    : http_(http), tokens_(tokens), retry_(retry), timing_(std::move(timing)) {}

Result<ApiReply> GoogleApi::Call(ApiCall call) {
  Retry retry(retry_, timing_, call.http.stop);
  bool was_ambiguous = false, had_new_token = false;
  while (true) {
    std::string token;
    if (call.token == ApiCall::Token::kSend) {
      ASSIGN_OR_RETURN(token, tokens_.AccessToken());
      if (!token.empty()) call.http.headers.Set("Authorization", "Bearer " + token);
    }
    if (call.before_attempt) call.before_attempt(call.http);
    auto reply = http_.Send(call.http);
    if (!reply.ok() && !IsBroken(reply.error())) return reply.error();
    if (reply.ok() && reply->status == 401 && !token.empty() && !had_new_token) {
      had_new_token = true;
      tokens_.Forget(token);
      continue;
    }
    if (reply.ok() && !IsRetryableStatus(reply->status)) {
      return ApiReply{*std::move(reply), was_ambiguous};
    }
    was_ambiguous = was_ambiguous || !reply.ok() || reply->status != 429;
    if (was_ambiguous && call.repeat == ApiCall::Repeat::kUnlessAmbiguous) {
      return ApiReply{HttpReply{}, true};
    }
    const auto wait = reply.ok() ? RetryAfter(reply->headers) : std::nullopt;
    if (!retry.Again(wait)) {
      if (call.http.stop.stop_requested()) {
        return Error{ErrorCode::kInterrupted, PlaceOf(call.http) + ": asked to stop", ""};
      }
      return Exhausted(call.http, retry.failures(),
                       reply.ok() ? fmt::format("HTTP {}: {}", reply->status, MessageOf(*reply))
                                  : reply.error().message);
    }
  }
}

}  // namespace gnosis
