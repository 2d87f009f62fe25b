#include "door/sign_in_cookie.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "base/hash.h"
#include "base/text.h"
#include "door/header_values.h"

namespace gnosis {
namespace {

int64_t SecondsOf(Time time) {
  return std::chrono::floor<Seconds>(time.time_since_epoch()).count();
}

// The text includes its purpose, so that nothing else signed with the same secret is valid as a
// cookie.
std::string Signature(const ApiKey& key, int64_t expires_s) {
  const std::string text = fmt::format("gnosis-ocr session 1\n{}\n{}", key.name, expires_s);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  GNOSIS_CHECK(::HMAC(EVP_sha256(), key.sha256.data(), int(key.sha256.size()),
                      reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                      digest.data(), &size) != nullptr);
  std::string hex;
  for (unsigned i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

}  // namespace

std::string SignCookie(const ApiKey& key, Time expires_at) {
  const int64_t expires_s = SecondsOf(expires_at);
  return fmt::format("{}.{}.{}", key.name, expires_s, Signature(key, expires_s));
}

const ApiKey* FindCookieKey(const std::vector<ApiKey>& keys, std::string_view value, Time now) {
  // A name may contain dots: the two other parts are taken from the end.
  const size_t before_signature = value.rfind('.');
  if (before_signature == std::string_view::npos || before_signature == 0) return nullptr;
  const size_t before_expiry = value.rfind('.', before_signature - 1);
  if (before_expiry == std::string_view::npos) return nullptr;
  const std::string_view name = value.substr(0, before_expiry);
  const auto expires_s =
      ParseNumber(value.substr(before_expiry + 1, before_signature - before_expiry - 1));
  if (!expires_s || *expires_s <= SecondsOf(now)) return nullptr;
  for (const ApiKey& key : keys) {
    if (key.name != name) continue;
    const std::string_view signature = value.substr(before_signature + 1);
    return EqualsInConstantTime(Signature(key, *expires_s), signature) ? &key : nullptr;
  }
  return nullptr;
}

std::optional<std::string> PresentedCookie(const HttpHeaders& headers) {
  const std::string cookies = headers.Get("Cookie").value_or("");
  for (const std::string_view cookie : SplitList(cookies, ';')) {
    const size_t equals = cookie.find('=');
    if (equals == std::string_view::npos || Trim(cookie.substr(0, equals)) != kSignInCookie) {
      continue;
    }
    return std::string(Trim(cookie.substr(equals + 1)));
  }
  return std::nullopt;
}

Transport BrowsersTransport(const HttpHeaders& headers) {
  const std::string origin = headers.Get("Origin").value_or("");
  const std::string forwarded = headers.Get("X-Forwarded-Proto").value_or("");
  const bool https = origin.starts_with("https://") || EqualsIgnoreCase(Trim(forwarded), "https");
  return https ? Transport::kHttps : Transport::kHttp;
}

std::string SignInCookieHeader(std::string_view value, Transport transport) {
  return fmt::format("{}={}; HttpOnly; SameSite=Strict; Path=/; Max-Age={}{}", kSignInCookie, value,
                     value.empty() ? 0 : kSignInTime.count(),
                     transport == Transport::kHttps ? "; Secure" : "");
}

}  // namespace gnosis
