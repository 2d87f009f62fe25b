// One call to one of Google's APIs: with a token, repeated where that is safe.
//
// The life of a call: a token is taken -> sent -> answered; or refused for now (429), broken
// (5xx, 408, a cut connection, a time-out) and sent again after a jittered while; or 401: sent
// again once with a new token. A broken attempt is *ambiguous*: it may have had its effect.
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
    kAlways,           // repeating changes nothing, or a precondition stops what would
    kUnlessAmbiguous,  // not when an attempt may have had its effect
  };
  Repeat repeat = Repeat::kAlways;
  enum class Token { kSend, kNone };
  Token token = Token::kSend;
  // Before each attempt: counts it, sets ranges.
  std::function<void(HttpCall&)> before_attempt;
};

struct ApiReply {
  HttpReply http;              // status 0: broken, and not repeated because of kUnlessAmbiguous
  bool was_ambiguous = false;  // an attempt before this answer may have had its effect

  bool ok() const { return http.status >= 200 && http.status < 300; }
};

class GoogleApi {
 public:
  // `http` and `tokens` must outlive it.
  GoogleApi(HttpClient& http, TokenSource& tokens, RetryPolicy retry, Timing timing);
  // An answer of any status that repeating would not change; kUnavailable when the attempts are
  // spent; what HttpClient and TokenSource return otherwise.
  Result<ApiReply> Call(ApiCall call);
  const Timing& timing() const { return timing_; }
  const RetryPolicy& retry() const { return retry_; }

 private:
  HttpClient& http_;
  TokenSource& tokens_;
  const RetryPolicy retry_;
  const Timing timing_;
};

// What an answer says is wrong: the message of Google's error JSON, or the body's first words.
std::string MessageOf(const HttpReply& reply);
bool IsBroken(const Error& error);  // a cut connection or a time-out

// "https://storage.googleapis.com" of "https://storage.googleapis.com/upload?x"; "" of no URL.
std::string OriginOf(std::string_view url);
// http://127.0.0.1, http://[::1] or http://localhost, with any port and path.
bool IsLoopbackUrl(std::string_view url);

}  // namespace gnosis
