// One call to one of Google's APIs: with a token, repeated where that is safe.
//
// The life of a call: a token is obtained -> sent -> answered; or refused for now (429) or broken
// (5xx, 408, an interrupted connection, a time-out) and sent again after a jittered delay; or 401:
// sent again once with a new token. A broken attempt is *ambiguous*: it may have taken effect.
#pragma once

#include <functional>
#include <string>

#include "google/token_source.h"
#include "net/http_client.h"
#include "net/retry.h"

namespace gnosis {

struct ApiCall {
  HttpCall http;
  enum class Repeat {
    kAlways,           // repeating changes nothing, or a precondition prevents it
    kUnlessAmbiguous,  // not if an attempt may have taken effect
  };
  Repeat repeat = Repeat::kAlways;
  enum class Token { kSend, kNone };
  Token token = Token::kSend;
  // Before each attempt: counts it, sets ranges.
  std::function<void(HttpCall&)> before_attempt;
};

struct ApiReply {
  HttpReply http;              // status 0: broken, and not repeated because of kUnlessAmbiguous
  bool was_ambiguous = false;  // an earlier attempt may have taken effect

  bool ok() const { return http.status >= 200 && http.status < 300; }
};

class GoogleApi {
 public:
  // `http` and `tokens` must outlive it.
  GoogleApi(HttpClient& http, TokenSource& tokens, RetryPolicy retry, Timing timing);
  // A response of any status that repeating would not change; kUnavailable when the attempts are
  // used up; otherwise the errors of HttpClient and TokenSource.
  Result<ApiReply> Call(ApiCall call);
  const Timing& timing() const { return timing_; }
  const RetryPolicy& retry() const { return retry_; }

 private:
  HttpClient& http_;
  TokenSource& tokens_;
  const RetryPolicy retry_;
  const Timing timing_;
};

// The error message of a response: from Google's error JSON, or the body's first words.
std::string MessageOf(const HttpReply& reply);
bool IsBroken(const Error& error);  // an interrupted connection or a time-out

// "https://storage.googleapis.com" of "https://storage.googleapis.com/upload?x"; "" if it is not a
// URL.
std::string OriginOf(std::string_view url);
// http://127.0.0.1, http://[::1] or http://localhost, with any port and path.
bool IsLoopbackUrl(std::string_view url);

}  // namespace gnosis
