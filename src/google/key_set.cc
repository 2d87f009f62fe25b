#include "google/key_set.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "google/encoding.h"
#include "google/google_api.h"

namespace gnosis {
namespace {

constexpr uint64_t kMaxSetBytes = 256 * 1024;
constexpr size_t kMaxKeys = 64;
constexpr Seconds kMinLife{300}, kMaxLife{24 * 3600};
constexpr Seconds kBetweenFetches{60};

Error Unavailable(std::string what) {
  return {ErrorCode::kUnavailable, "keys to check tokens with: " + std::move(what), ""};
}

bool IsGoodUrl(const std::string& url) { return url.starts_with("https://") || IsLoopbackUrl(url); }

std::string Bytes(const Json& jwk, const char* field) {
  return FromBase64Url(JsonString(jwk, field).value_or("")).value_or("");
}

Result<std::shared_ptr<const PublicKey>> ParseKey(const Json& jwk) {
  const std::string type = JsonString(jwk, "kty").value_or("");
  if (type == "RSA") return NewRsaKey(Bytes(jwk, "n"), Bytes(jwk, "e"));
  if (type == "EC" && JsonString(jwk, "crv") == "P-256") {
    return NewEcKey(Bytes(jwk, "x"), Bytes(jwk, "y"));
  }
  return Error{ErrorCode::kInvalidArgument, "a key of a kind that is not used", ""};
}

}  // namespace

Result<std::map<std::string, std::shared_ptr<const PublicKey>>> ParseKeySet(std::string_view text) {
  const auto json = ParseJson(text);
  if (!json.ok() || !json->is_object() || !json->contains("keys") || !(*json)["keys"].is_array()) {
    return Unavailable("not a JSON web key set");
  }
  std::map<std::string, std::shared_ptr<const PublicKey>> keys;
  for (const Json& jwk : (*json)["keys"]) {
    const std::string id = JsonString(jwk, "kid").value_or("");
    if (id.empty() || JsonString(jwk, "use").value_or("sig") != "sig") continue;
    const auto key = ParseKey(jwk);
    if (!key.ok() ||
        JsonString(jwk, "alg").value_or(std::string((*key)->algorithm())) != (*key)->algorithm()) {
      continue;
    }
    if (keys.size() < kMaxKeys) keys.emplace(id, *key);
  }
  if (keys.empty()) return Unavailable("the set has none that is used");
  return keys;
}

Seconds KeyLife(const HttpHeaders& headers) {
  const std::string text = headers.Get("Cache-Control").value_or("");
  int64_t seconds = 0;
  if (const size_t begin = text.find("max-age="); begin != std::string::npos) {
    std::from_chars(text.data() + begin + 8, text.data() + text.size(), seconds);
  }
  return std::clamp(Seconds(std::clamp<int64_t>(seconds, 0, kMaxLife.count())), kMinLife, kMaxLife);
}

KeySet::KeySet(KeySetSource source, HttpClient& http, Timing timing)
    : source_(std::move(source)), http_(http), timing_(std::move(timing)) {}

// The key, if the set is fresh until after `not_before`.
std::shared_ptr<const PublicKey> KeySet::Known(const std::string& key_id, Time not_before) {
  const std::lock_guard lock(mutex_);
  if (fresh_until_ <= not_before) return nullptr;
  const auto found = keys_.find(key_id);
  return found == keys_.end() ? nullptr : found->second;
}

Result<std::shared_ptr<const PublicKey>> KeySet::Find(const std::string& key_id) {
  const Time now = timing_.Now();
  if (auto key = Known(key_id, now)) return key;
  // Whoever comes while another fetches waits for that, it takes no longer than the time-outs.
  const std::lock_guard fetching(fetching_);
  if (auto key = Known(key_id, now)) return key;
  bool may_fetch = false;
  {
    const std::lock_guard lock(mutex_);
    may_fetch = now >= next_fetch_;
    if (may_fetch) next_fetch_ = now + kBetweenFetches;
  }
  const Status fetched = may_fetch ? Fetch() : Ok();
  const std::lock_guard lock(mutex_);
  const bool is_usable = !keys_.empty() && now < fetched_ + kMaxLife;
  const auto found = keys_.find(key_id);
  if (is_usable && found != keys_.end()) return found->second;
  if (!fetched.ok()) return fetched.error();
  if (!is_usable) return Unavailable("the last try failed; the next one comes within a minute");
  return Error{ErrorCode::kNotFound, "no key of that id", ""};
}

Result<HttpReply> KeySet::Get(const std::string& url) {
  if (!IsGoodUrl(url)) return Unavailable("not an https URL: " + url.substr(0, 100));
  HttpCall call;
  call.url = url;
  call.max_body_bytes = kMaxSetBytes;
  call.connect_timeout = Seconds(5);
  call.total_timeout = Seconds(10);
  auto reply = http_.Send(call);
  if (!reply.ok()) return Unavailable(reply.error().message);
  if (reply->status != 200) return Unavailable(url + ": HTTP " + std::to_string(reply->status));
  return reply;
}

Result<std::string> KeySet::Url() {
  if (!source_.url.empty()) return source_.url;
  std::string issuer = source_.issuer;
  while (issuer.ends_with('/')) issuer.pop_back();
  ASSIGN_OR_RETURN(const HttpReply reply, Get(issuer + "/.well-known/openid-configuration"));
  const auto json = ParseJson(reply.body);
  if (!json.ok() || JsonString(*json, "issuer") != source_.issuer) {
    return Unavailable("the discovery document is not that of " + source_.issuer);
  }
  return JsonString(*json, "jwks_uri").value_or("");
}

Status KeySet::Fetch() {
  ASSIGN_OR_RETURN(const std::string url, Url());
  ASSIGN_OR_RETURN(const HttpReply reply, Get(url));
  ASSIGN_OR_RETURN(Keys keys, ParseKeySet(reply.body));
  const std::lock_guard lock(mutex_);
  keys_ = std::move(keys);
  fetched_ = timing_.Now();
  fresh_until_ = fetched_ + KeyLife(reply.headers);
  return Ok();
}

}  // namespace gnosis
