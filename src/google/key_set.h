// The public keys of an issuer (JWKS, RFC 7517), fetched and kept.
//
// The life of a set: fetched when first needed -> used for as long as its Cache-Control says (5
// minutes to 24 hours) -> fetched again then, or, at most once a minute, when a token names a key
// that is not in it (keys are rotated). Where fetching fails the old keys serve on, for 24 hours
// after they were fetched at most.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/json.h"
#include "google/signature.h"
#include "net/http_client.h"
#include "net/retry.h"

namespace gnosis {

struct KeySetSource {
  std::string url;     // https, or http on loopback; "" asks the issuer's discovery document
  std::string issuer;  // for discovery
};

class KeySet {
 public:
  // `http` must outlive it.
  KeySet(KeySetSource source, HttpClient& http, Timing timing);
  // kNotFound: no such key. kUnavailable: the keys cannot be fetched.
  Result<std::shared_ptr<const PublicKey>> Find(const std::string& key_id);

 private:
  using Keys = std::map<std::string, std::shared_ptr<const PublicKey>>;
  std::shared_ptr<const PublicKey> Known(const std::string& key_id, Time not_before);
  Status Fetch();
  Result<std::string> Url();
  Result<HttpReply> Get(const std::string& url);

  const KeySetSource source_;
  HttpClient& http_;
  const Timing timing_;
  std::mutex fetching_;  // held while keys are fetched
  std::mutex mutex_;     // of what follows
  Keys keys_;
  Time fetched_{}, fresh_until_{}, next_fetch_{};
};

// The RS256 and ES256 keys that are for signatures; others are left out.
Result<std::map<std::string, std::shared_ptr<const PublicKey>>> ParseKeySet(std::string_view json);
// "Cache-Control: public, max-age=19800" -> 19,800 s, no less than 5 minutes, no more than a day.
Seconds KeyLife(const HttpHeaders& headers);

}  // namespace gnosis
