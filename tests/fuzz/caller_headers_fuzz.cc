// The headers by which a caller is known: Authorization, X-API-Key and Cookie, Host and Origin,
// Idempotency-Key, the caller's address; and the lists and ranges that other headers hold.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "api/submit_fields.h"
#include "door/access.h"
#include "door/header_values.h"
#include "door/sign_in_cookie.h"

namespace {

void CheckSecret(const std::string& text) {
  for (const char* name : {"Authorization", "X-API-Key"}) {
    gnosis::HttpHeaders headers;
    headers.Set(name, text);
    const auto secret = gnosis::PresentedSecret(headers);
    if (secret) GNOSIS_CHECK(text.find(*secret) != std::string::npos);
    if (secret) GNOSIS_CHECK(gnosis::FindApiKey({}, *secret) == nullptr);
  }
}

// No text is a session but the one that was signed.
void CheckSession(const std::string& text) {
  gnosis::HttpHeaders headers;
  headers.Set("Cookie", text);
  const auto value = gnosis::PresentedCookie(headers);
  if (value) GNOSIS_CHECK(text.find(*value) != std::string::npos);
  const gnosis::Time now{gnosis::Seconds(1'000)};
  const std::vector<gnosis::ApiKey> keys{{"laptop", "ada@example.org", std::string(64, 'a'), now}};
  const std::string good = gnosis::SignCookie(keys[0], now + gnosis::Seconds(1));
  GNOSIS_CHECK((gnosis::FindCookieKey(keys, text, now) != nullptr) == (text == good));
}

// Nothing but a name of this machine passes, whatever stands around it.
void CheckHost(const std::string& text) {
  const gnosis::HostRules rules;
  if (gnosis::IsAllowedHost(rules, text, 7799)) {
    std::string host = text.substr(0, text.find(':', text.starts_with('[') ? text.find(']') : 0));
    std::transform(host.begin(), host.end(), host.begin(),
                   [](unsigned char c) { return char(std::tolower(c)); });
    GNOSIS_CHECK(host == "localhost" || host == "[::1]" || host.starts_with("127."));
    GNOSIS_CHECK(host == text || host.size() == text.size() || text.ends_with(":7799"));
  }
  (void)gnosis::IsAllowedHost({gnosis::Exposure::kNetwork, {text}}, text, 1);
  const bool same = gnosis::IsSameOrigin(text, "localhost:7799");
  if (same) GNOSIS_CHECK(text.ends_with(":7799") && text.starts_with("http"));
  (void)gnosis::IsSameOrigin("http://localhost", text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  CheckSecret(text);
  CheckSession(text);
  CheckHost(text);
  const auto key = gnosis::CheckIdempotencyKey(text, 255);
  if (key.ok()) GNOSIS_CHECK(!text.empty() && text.size() <= 255);
  GNOSIS_CHECK(!gnosis::AddressGroup(text).empty() || text.empty());
  const double quality = gnosis::AcceptQuality(text, "text/plain");
  GNOSIS_CHECK(quality >= 0 && quality <= 1);
  (void)gnosis::PreferredWait(text);
  const auto range = gnosis::ChooseRange(text, 1000);
  if (range.verdict == gnosis::RangeVerdict::kPart) {
    GNOSIS_CHECK(range.range.size_bytes > 0 && range.range.first + range.range.size_bytes <= 1000);
  }
  return 0;
}
