#include "google/jwt.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <cstdint>
#include <set>
#include <utility>

namespace gnosis {
namespace {

constexpr size_t kMaxTokenBytes = 8 << 10;
constexpr size_t kMaxKeys = 64;
constexpr size_t kMinRsaBytes = 256;
constexpr size_t kMaxRsaBytes = 1024;
constexpr size_t kCoordinateBytes = 32;  // of P-256

template <typename T, void (*Free)(T*)>
struct Freed {
  void operator()(T* object) const { Free(object); }
};
template <typename T, void (*Free)(T*)>
using Owned = std::unique_ptr<T, Freed<T, Free>>;
using OwnedKey = Owned<EVP_PKEY, EVP_PKEY_free>;
using OwnedNumber = Owned<BIGNUM, BN_free>;

Error Invalid(std::string what) {
  return {ErrorCode::kInvalidArgument, "the token " + std::move(what), ""};
}

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// If two members have one name, parsers may use either: such a token is rejected.
bool HasDoubledMember(std::string_view text) {
  std::vector<std::set<std::string>> names;
  bool doubled = false;
  const auto note = [&](int, Json::parse_event_t event, Json& value) {
    if (event == Json::parse_event_t::object_start) names.emplace_back();
    if (event == Json::parse_event_t::object_end && !names.empty()) names.pop_back();
    if (event == Json::parse_event_t::key && !names.empty()) {
      doubled = doubled || !names.back().insert(value.get<std::string>()).second;
    }
    return true;
  };
  [[maybe_unused]] const Json whole = Json::parse(text, note, /*allow_exceptions=*/false);
  return doubled;
}

Result<Json> DecodeObject(std::string_view part, const char* name) {
  const auto text = DecodeBase64Url(part);
  if (!text) return Invalid(std::string("has a ") + name + " that is not base64url");
  auto json = ParseJson(*text);
  if (!json.ok() || !json->is_object()) {
    return Invalid(std::string("has a ") + name + " that is not a JSON object");
  }
  if (HasDoubledMember(*text)) return Invalid(std::string("repeats a member in its ") + name);
  return json;
}

OwnedNumber Number(std::string_view bytes) {
  return OwnedNumber(BN_bin2bn(Bytes(bytes), int(bytes.size()), nullptr));
}

OwnedKey MakeKey(const char* type, OSSL_PARAM_BLD* builder) {
  const Owned<OSSL_PARAM, OSSL_PARAM_free> parameters(OSSL_PARAM_BLD_to_param(builder));
  const Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(
      EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (parameters && context && EVP_PKEY_fromdata_init(context.get()) == 1) {
    (void)EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get());
  }
  return OwnedKey(key);
}

OwnedKey RsaKey(const Json& json) {
  const auto modulus = DecodeBase64Url(JsonString(json, "n").value_or(""));
  const auto exponent = DecodeBase64Url(JsonString(json, "e").value_or(""));
  if (!modulus || !exponent || modulus->size() < kMinRsaBytes || modulus->size() > kMaxRsaBytes ||
      exponent->empty() || exponent->size() > 8) {
    return nullptr;
  }
  const OwnedNumber n = Number(*modulus);
  const OwnedNumber e = Number(*exponent);
  const Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
  return MakeKey("RSA", builder.get());
}

OwnedKey EcKey(const Json& json) {
  const auto x = DecodeBase64Url(JsonString(json, "x").value_or(""));
  const auto y = DecodeBase64Url(JsonString(json, "y").value_or(""));
  if (JsonString(json, "crv") != "P-256" || !x || !y || x->size() != kCoordinateBytes ||
      y->size() != kCoordinateBytes) {
    return nullptr;
  }
  const std::string point = "\x04" + *x + *y;
  const Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                   point.size());
  return MakeKey("EC", builder.get());
}

// JWT's r and s, in the form that OpenSSL expects.
std::string DerSignature(std::string_view raw) {
  if (raw.size() != 2 * kCoordinateBytes) return "";
  const Owned<ECDSA_SIG, ECDSA_SIG_free> signature(ECDSA_SIG_new());
  OwnedNumber r = Number(raw.substr(0, kCoordinateBytes));
  OwnedNumber s = Number(raw.substr(kCoordinateBytes));
  if (ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1) return "";
  (void)r.release();
  (void)s.release();
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(signature.get(), &der);
  std::string text(reinterpret_cast<char*>(der), size > 0 ? size_t(size) : 0);
  OPENSSL_free(der);
  return text;
}

class OpenSslKey final : public SigningKey {
 public:
  OpenSslKey(OwnedKey key, JwtAlgorithm algorithm) : key_(std::move(key)), algorithm_(algorithm) {}

  bool Verifies(const Jwt& token) const override {
    const bool rsa = algorithm_ == JwtAlgorithm::kRs256;
    // The header must name this key's algorithm, or a sender could choose one ("none", or HMAC with
    // the public key as its secret).
    if (token.algorithm != (rsa ? "RS256" : "ES256")) return false;
    const std::string signature = rsa ? token.signature : DerSignature(token.signature);
    if (signature.empty()) return false;
    const Owned<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
    return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1 &&
           EVP_DigestVerify(context.get(), Bytes(signature), signature.size(),
                            Bytes(token.signed_part), token.signed_part.size()) == 1;
  }

 private:
  const OwnedKey key_;
  const JwtAlgorithm algorithm_;
};

int Base64Value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '-') return 62;
  return c == '_' ? 63 : -1;
}

}  // namespace

std::optional<std::string> DecodeBase64Url(std::string_view text) {
  std::string bytes;
  uint32_t bits = 0;
  int bit_count = 0;
  for (const char c : text) {
    const int value = Base64Value(c);
    if (value < 0) return std::nullopt;
    bits = (bits << 6) | uint32_t(value);
    bit_count += 6;
    if (bit_count < 8) continue;
    bit_count -= 8;
    bytes += char(bits >> bit_count);
    bits &= (1u << bit_count) - 1;
  }
  // A single character is not a byte, and the remaining bits must be zero: one text for one value.
  if (text.size() % 4 == 1 || bits != 0) return std::nullopt;
  return bytes;
}

Result<Jwt> ParseJwt(std::string_view token) {
  if (token.size() > kMaxTokenBytes) return Invalid("is too large");
  const size_t first = token.find('.');
  const size_t second = first == token.npos ? token.npos : token.find('.', first + 1);
  if (second == token.npos || token.find('.', second + 1) != token.npos) {
    return Invalid("does not have three parts");
  }
  ASSIGN_OR_RETURN(const Json header, DecodeObject(token.substr(0, first), "header"));
  Jwt jwt;
  ASSIGN_OR_RETURN(jwt.claims,
                   DecodeObject(token.substr(first + 1, second - first - 1), "payload"));
  const auto signature = DecodeBase64Url(token.substr(second + 1));
  if (!signature) return Invalid("has a signature that is not base64url");
  // It has an extension that must be understood (RFC 7515 section 4.1.11), and none is.
  if (header.contains("crit")) return Invalid("requires an unsupported extension");
  jwt.algorithm = JsonString(header, "alg").value_or("");
  jwt.key_id = JsonString(header, "kid").value_or("");
  jwt.signed_part = std::string(token.substr(0, second));
  jwt.signature = *signature;
  return jwt;
}

Result<SigningKeys> ParseJwks(std::string_view bytes, JwtAlgorithm algorithm) {
  const auto json = ParseJson(bytes);
  if (!json.ok() || !json->is_object() || !json->contains("keys") || !json->at("keys").is_array()) {
    return Error{ErrorCode::kDamaged, "this is not a list of keys (JWKS)", ""};
  }
  const bool rsa = algorithm == JwtAlgorithm::kRs256;
  SigningKeys keys;
  for (const Json& key : json->at("keys")) {
    if (!key.is_object() || keys.size() == kMaxKeys) continue;
    const auto id = JsonString(key, "kid");
    if (!id || id->empty() || JsonString(key, "kty") != (rsa ? "RSA" : "EC")) continue;
    OwnedKey made = rsa ? RsaKey(key) : EcKey(key);
    if (made) keys[*id] = std::make_shared<OpenSslKey>(std::move(made), algorithm);
  }
  return keys;
}

}  // namespace gnosis
