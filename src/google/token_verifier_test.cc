#include "google/token_verifier.h"

#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>

#include <atomic>
#include <functional>
#include <semaphore>
#include <thread>

#include "support/hand_clock.h"

namespace gnosis {
namespace {

constexpr int64_t kNow = 1'767'323'045;  // HandClock's

std::string Base64Url(std::string_view bytes) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  uint32_t bits = 0;
  int count = 0;
  for (const char c : bytes) {
    bits = (bits << 8) | static_cast<unsigned char>(c);
    for (count += 8; count >= 6; count -= 6) text += kAlphabet[(bits >> (count - 6)) & 63];
  }
  if (count > 0) text += kAlphabet[(bits << (6 - count)) & 63];
  return text;
}

std::string NumberOf(EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  EVP_PKEY_get_bn_param(key, name, &number);
  std::string bytes(size_t(BN_num_bytes(number)), '\0');
  BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()), int(bytes.size()));
  BN_free(number);
  return bytes;
}

// A key pair that signs tokens and can say its public half.
class Signer {
 public:
  Signer(std::string id, JwtAlgorithm algorithm)
      : id_(std::move(id)),
        rsa_(algorithm == JwtAlgorithm::kRs256),
        key_(rsa_ ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256")) {}
  ~Signer() { EVP_PKEY_free(key_); }
  Signer(const Signer&) = delete;
  Signer& operator=(const Signer&) = delete;

  Json Public() const {
    if (rsa_) {
      return {{"kid", id_},
              {"kty", "RSA"},
              {"alg", "RS256"},
              {"n", Base64Url(NumberOf(key_, OSSL_PKEY_PARAM_RSA_N))},
              {"e", Base64Url(NumberOf(key_, OSSL_PKEY_PARAM_RSA_E))}};
    }
    const auto padded = [](std::string bytes) {
      return std::string(32 - bytes.size(), '\0') + bytes;
    };
    return {{"kid", id_},
            {"kty", "EC"},
            {"crv", "P-256"},
            {"x", Base64Url(padded(NumberOf(key_, OSSL_PKEY_PARAM_EC_PUB_X)))},
            {"y", Base64Url(padded(NumberOf(key_, OSSL_PKEY_PARAM_EC_PUB_Y)))}};
  }
  std::string Sign(const std::string& signed_part) const {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    EVP_DigestSignInit(context, nullptr, EVP_sha256(), nullptr, key_);
    size_t size = 1024;
    std::string signature(size, '\0');
    EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size,
                   reinterpret_cast<const unsigned char*>(signed_part.data()), signed_part.size());
    EVP_MD_CTX_free(context);
    signature.resize(size);
    return rsa_ ? signature : Raw(signature);
  }
  std::string Token(const Json& claims) const { return Token(Header(), claims); }
  std::string Token(const Json& header, const Json& claims) const {
    return TokenOfText(header.dump(), claims.dump());
  }
  std::string TokenOfText(const std::string& header, const std::string& claims) const {
    const std::string part = Base64Url(header) + "." + Base64Url(claims);
    return part + "." + Base64Url(Sign(part));
  }
  Json Header() const { return {{"alg", rsa_ ? "RS256" : "ES256"}, {"typ", "JWT"}, {"kid", id_}}; }

 private:
  static std::string Raw(const std::string& der) {
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    ECDSA_SIG* signature = d2i_ECDSA_SIG(nullptr, &at, long(der.size()));
    std::string raw(64, '\0');
    auto* bytes = reinterpret_cast<unsigned char*>(raw.data());
    BN_bn2binpad(ECDSA_SIG_get0_r(signature), bytes, 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(signature), bytes + 32, 32);
    ECDSA_SIG_free(signature);
    return raw;
  }

  const std::string id_;
  const bool rsa_;
  EVP_PKEY* const key_;
};

// The issuer's server.
class KeyServer final : public HttpClient {
 public:
  Json keys = Json::array();
  bool away = false;
  std::atomic<int> calls = 0;
  // From now on calls wait until they may go on.
  void Hang() { hangs_ = true; }
  void WaitForACall() { called_.acquire(); }
  void GoOn() { go_on_.release(); }
  Result<HttpReply> Send(const HttpCall& call) override {
    ++calls;
    if (hangs_) {
      called_.release();
      go_on_.acquire();
    }
    EXPECT_EQ(call.url, "https://keys.example/certs");
    EXPECT_LE(call.max_body_bytes, 1u << 20);
    if (away) return Error{ErrorCode::kUnavailable, "away", ""};
    HttpReply reply{200, {}, Json({{"keys", keys}}).dump()};
    reply.headers.Set("Cache-Control", "public, max-age=3600");
    return reply;
  }

 private:
  std::atomic<bool> hangs_ = false;
  std::binary_semaphore called_{0}, go_on_{0};
};

constexpr char kWorker[] = "https://worker.example";
constexpr char kAccount[] = "queue@project.iam.gserviceaccount.com";

class TokenVerifierTest : public testing::Test {
 protected:
  TokenVerifierTest() { server_.keys = Json::array({Key().Public()}); }
  // Making one takes a while.
  static const Signer& Key() {
    static const Signer key("one", JwtAlgorithm::kRs256);
    return key;
  }
  static const Signer& OtherKey() {
    static const Signer key("two", JwtAlgorithm::kRs256);
    return key;
  }
  static Json Good() {
    return {{"iss", "https://accounts.google.com"},
            {"aud", kWorker},
            {"sub", "1"},
            {"email", kAccount},
            {"email_verified", true},
            {"iat", kNow - 10},
            {"exp", kNow + 3600}};
  }
  static Json With(const char* name, Json value) {
    Json claims = Good();
    claims[name] = std::move(value);
    return claims;
  }
  static Json Without(const char* name) {
    Json claims = Good();
    claims.erase(name);
    return claims;
  }

  HandClock clock_;
  KeyServer server_;
  std::unique_ptr<TokenVerifier> verifier_ = NewTokenVerifier(
      server_, clock_, WorkerPolicy("https://keys.example/certs", kWorker, kAccount));
};

TEST_F(TokenVerifierTest, LetsTheQueueIn) {
  const auto claims = verifier_->Verify(Key().Token(Good()));
  ASSERT_TRUE(claims.ok()) << claims.error().message;
  EXPECT_EQ(claims->email, kAccount);
}

TEST_F(TokenVerifierTest, RefusesEverythingElse) {
  const std::string good = Key().Token(Good());
  const std::string part = good.substr(0, good.rfind('.'));
  std::string flipped = good;
  flipped[flipped.size() - 10] = flipped[flipped.size() - 10] == 'A' ? 'B' : 'A';
  // The public key for the secret of an HMAC: what a verifier that believes the header accepts.
  Json hmac_header = Key().Header();
  hmac_header["alg"] = "HS256";
  const std::string hmac_part = Base64Url(hmac_header.dump()) + "." + Base64Url(Good().dump());
  unsigned char mac[32];
  unsigned mac_size = 0;
  const std::string secret = Key().Public().dump();
  HMAC(EVP_sha256(), secret.data(), int(secret.size()),
       reinterpret_cast<const unsigned char*>(hmac_part.data()), hmac_part.size(), mac, &mac_size);
  Json none_header = {{"alg", "none"}, {"kid", "one"}};
  Json critical = Key().Header();
  critical["crit"] = Json::array({"b64"});
  std::string doubled = Good().dump();
  doubled.insert(doubled.size() - 1, R"(,"aud":"https://worker.example")");

  const struct {
    const char* what;
    std::string token;
    ErrorCode code;
  } kCases[] = {
      {"none", "", ErrorCode::kInvalidArgument},
      {"no token", "hello", ErrorCode::kInvalidArgument},
      {"two parts", part, ErrorCode::kInvalidArgument},
      {"four parts", good + ".x", ErrorCode::kInvalidArgument},
      {"truncated", good.substr(0, good.size() - 20), ErrorCode::kInvalidArgument},
      {"no signature", part + ".", ErrorCode::kInvalidArgument},
      {"forged signature", flipped, ErrorCode::kInvalidArgument},
      {"huge", good + std::string(10'000, 'A'), ErrorCode::kInvalidArgument},
      {"alg none", Base64Url(none_header.dump()) + "." + Base64Url(Good().dump()) + ".",
       ErrorCode::kInvalidArgument},
      {"alg none with a signature", Key().Token(none_header, Good()), ErrorCode::kInvalidArgument},
      {"HMAC with the public key",
       hmac_part + "." + Base64Url({reinterpret_cast<char*>(mac), mac_size}),
       ErrorCode::kInvalidArgument},
      {"critical extension", Key().Token(critical, Good()), ErrorCode::kInvalidArgument},
      {"wrong key", OtherKey().Token(Key().Header(), Good()), ErrorCode::kInvalidArgument},
      {"unknown key", OtherKey().Token(Good()), ErrorCode::kInvalidArgument},
      {"said twice", Key().TokenOfText(Key().Header().dump(), doubled),
       ErrorCode::kInvalidArgument},
      {"payload is a list", Key().TokenOfText(Key().Header().dump(), "[1]"),
       ErrorCode::kInvalidArgument},
      {"deep payload",
       Key().TokenOfText(Key().Header().dump(), std::string(500, '[') + std::string(500, ']')),
       ErrorCode::kInvalidArgument},
      {"expired", Key().Token(With("exp", kNow - 61)), ErrorCode::kInvalidArgument},
      {"without an end", Key().Token(Without("exp")), ErrorCode::kInvalidArgument},
      {"end is text", Key().Token(With("exp", "9999999999")), ErrorCode::kInvalidArgument},
      {"made in the future", Key().Token(With("iat", kNow + 120)), ErrorCode::kInvalidArgument},
      {"not before", Key().Token(With("nbf", kNow + 120)), ErrorCode::kInvalidArgument},
      {"wrong issuer", Key().Token(With("iss", "https://evil.example")), ErrorCode::kPermission},
      {"no issuer", Key().Token(Without("iss")), ErrorCode::kPermission},
      {"wrong audience", Key().Token(With("aud", "https://other.example")), ErrorCode::kPermission},
      {"audience that begins like ours", Key().Token(With("aud", std::string(kWorker) + "/x")),
       ErrorCode::kPermission},
      {"list of audiences", Key().Token(With("aud", Json::array({kWorker}))),
       ErrorCode::kPermission},
      {"wrong account", Key().Token(With("email", "other@project.iam.gserviceaccount.com")),
       ErrorCode::kPermission},
      {"no e-mail", Key().Token(Without("email")), ErrorCode::kPermission},
      {"nothing said of whether the e-mail is verified", Key().Token(Without("email_verified")),
       ErrorCode::kPermission},
      {"e-mail not verified", Key().Token(With("email_verified", false)), ErrorCode::kPermission},
      {"e-mail verified as text", Key().Token(With("email_verified", "true")),
       ErrorCode::kPermission},
  };
  for (const auto& refused : kCases) {
    const auto claims = verifier_->Verify(refused.token);
    ASSERT_FALSE(claims.ok()) << refused.what;
    EXPECT_EQ(claims.code(), refused.code) << refused.what << ": " << claims.error().message;
  }
  EXPECT_TRUE(verifier_->Verify(good).ok());
}

TEST_F(TokenVerifierTest, FetchesKeysOnceAndANewOneWhenItIsUsed) {
  ASSERT_TRUE(verifier_->Verify(Key().Token(Good())).ok());
  ASSERT_TRUE(verifier_->Verify(Key().Token(Good())).ok());
  EXPECT_EQ(server_.calls, 1);
  server_.keys.push_back(OtherKey().Public());
  clock_.now += Seconds(61);
  EXPECT_TRUE(verifier_->Verify(OtherKey().Token(Good())).ok());
  EXPECT_EQ(server_.calls, 2);
}

TEST_F(TokenVerifierTest, UnknownKeysDoNotMakeItAskAgainAndAgain) {
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(verifier_->Verify(OtherKey().Token(Good())).ok());
  EXPECT_EQ(server_.calls, 1);
}

TEST_F(TokenVerifierTest, KeepsItsKeysWhileTheServerIsAway) {
  ASSERT_TRUE(verifier_->Verify(Key().Token(Good())).ok());
  server_.away = true;
  clock_.now += Seconds(3601);
  Json claims = With("exp", kNow + 7200);
  EXPECT_TRUE(verifier_->Verify(Key().Token(claims)).ok());
  EXPECT_EQ(server_.calls, 2);
}

// Any e-mail may be typed into an account of most issuers.
TEST_F(TokenVerifierTest, AUsersEmailMustBeVerified) {
  const auto users = NewTokenVerifier(server_, clock_,
                                      {.keys_url = "https://keys.example/certs",
                                       .issuers = {"https://accounts.google.com"},
                                       .audience = kWorker});
  EXPECT_TRUE(users->Verify(Key().Token(Good())).ok());
  for (const Json& claims :
       {Without("email_verified"), With("email_verified", false), With("email_verified", "true"),
        With("email_verified", 1), With("email_verified", nullptr)}) {
    EXPECT_EQ(users->Verify(Key().Token(claims)).code(), ErrorCode::kPermission) << claims;
  }
}

TEST_F(TokenVerifierTest, WhoComesWithAKnownKeyIsNotHeldByAServerThatHangs) {
  ASSERT_TRUE(verifier_->Verify(Key().Token(Good())).ok());
  clock_.now += Seconds(61);
  server_.Hang();
  std::jthread rotated([&] { (void)verifier_->Verify(OtherKey().Token(Good())); });
  server_.WaitForACall();
  EXPECT_TRUE(verifier_->Verify(Key().Token(Good())).ok());  // comes back, or the test never ends
  server_.GoOn();
}

TEST_F(TokenVerifierTest, WithoutKeysNobodyComesIn) {
  server_.away = true;
  EXPECT_EQ(verifier_->Verify(Key().Token(Good())).code(), ErrorCode::kUnavailable);
}

TEST(ProxyToken, IsSignedWithAnEllipticCurve) {
  const Signer key("iap", JwtAlgorithm::kEs256);
  HandClock clock;
  KeyServer server;
  server.keys = Json::array({key.Public()});
  const auto verifier =
      NewTokenVerifier(server, clock, ProxyPolicy("https://keys.example/certs", "/projects/1/x"));
  Json claims = {{"iss", "https://cloud.google.com/iap"},
                 {"aud", "/projects/1/x"},
                 {"email", "me@example.org"},
                 {"iat", kNow},
                 {"exp", kNow + 600}};
  const auto whose = verifier->Verify(key.Token(claims));
  ASSERT_TRUE(whose.ok()) << whose.error().message;
  EXPECT_EQ(whose->email, "me@example.org");
  // What an external provider has not verified is nobody's e-mail.
  claims["gcip"] = {{"email_verified", true}};
  EXPECT_TRUE(verifier->Verify(key.Token(claims)).ok());
  for (const Json& external : {Json({{"email_verified", false}}), Json::object(), Json("x")}) {
    claims["gcip"] = external;
    EXPECT_EQ(verifier->Verify(key.Token(claims)).code(), ErrorCode::kPermission);
  }
  claims.erase("gcip");
  claims["aud"] = "/projects/2/x";
  EXPECT_EQ(verifier->Verify(key.Token(claims)).code(), ErrorCode::kPermission);
}

TEST(Base64Url, HasOneTextForOneValue) {
  EXPECT_EQ(DecodeBase64Url("aGVsbG8"), "hello");
  EXPECT_EQ(DecodeBase64Url(""), "");
  for (const char* text : {"a", "aGVsbG8=", "aGVsbG9", "a+b/", "aGVs bG8"}) {
    EXPECT_FALSE(DecodeBase64Url(text)) << text;
  }
}

TEST(Jwks, LeavesOutWhatItCannotUse) {
  const auto keys = ParseJwks(
      R"({"keys":[1,{"kid":"a"},{"kid":"b","kty":"RSA","n":"AQAB","e":"AQAB"},{"kty":"RSA"}]})",
      JwtAlgorithm::kRs256);
  ASSERT_TRUE(keys.ok());
  EXPECT_TRUE(keys->empty());
  EXPECT_EQ(ParseJwks("[]", JwtAlgorithm::kRs256).code(), ErrorCode::kDamaged);
}

}  // namespace
}  // namespace gnosis
