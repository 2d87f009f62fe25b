#include "google/token_verifier.h"

#include <gmock/gmock.h>
#include <openssl/hmac.h>

#include <map>

#include "google/encoding.h"
#include "google/google_fixture.h"
#include "google/jwt.h"
#include "google/key_set.h"
#include "google/signature.h"
#include "google/test_keys.h"

namespace gnosis {
namespace {

using testing::HasSubstr;

constexpr char kAudience[] = "https://worker.example";
constexpr char kAccount[] = "ocr@demo.iam.gserviceaccount.com";

// One key for all tests: making one takes a while.
const TestKey& Rsa() {
  static const TestKey key = TestKey::Rsa();
  return key;
}

Json RsaJwk(const TestKey& key, const std::string& id) {
  return {{"kty", "RSA"},
          {"alg", "RS256"},
          {"use", "sig"},
          {"kid", id},
          {"n", Base64Url(key.Part(OSSL_PKEY_PARAM_RSA_N))},
          {"e", Base64Url(key.Part(OSSL_PKEY_PARAM_RSA_E))}};
}

Json EcJwk(const TestKey& key, const std::string& id) {
  return {{"kty", "EC"},
          {"crv", "P-256"},
          {"kid", id},
          {"x", Base64Url(key.Coordinate(OSSL_PKEY_PARAM_EC_PUB_X))},
          {"y", Base64Url(key.Coordinate(OSSL_PKEY_PARAM_EC_PUB_Y))}};
}

// URL -> JSON; everything else is 404.
class KeyServer final : public HttpClient {
 public:
  Result<HttpReply> Send(const HttpCall& call) override {
    ++fetches;
    if (is_down) return Error{ErrorCode::kUnavailable, "down", ""};
    const auto page = pages.find(call.url);
    if (page == pages.end()) return HttpReply{.status = 404};
    HttpReply reply{.status = 200, .body = DumpJson(page->second)};
    reply.headers.Set("Cache-Control", "public, max-age=3600");
    return reply;
  }
  std::map<std::string, Json> pages;
  int fetches = 0;
  bool is_down = false;
};

class TokenVerifierTest : public testing::Test {
 protected:
  static constexpr char kKeys[] = "https://www.googleapis.com/oauth2/v3/certs";

  TokenVerifierTest() { server_.pages[kKeys] = {{"keys", {RsaJwk(Rsa(), "k1"), Other("k9")}}}; }

  int64_t Now() { return clock_.Now().time_since_epoch().count() / 1000; }
  Json Header() { return {{"alg", "RS256"}, {"kid", "k1"}, {"typ", "JWT"}}; }
  Json Claims() {
    return {{"iss", "https://accounts.google.com"},
            {"aud", kAudience},
            {"sub", "1234"},
            {"email", kAccount},
            {"email_verified", true},
            {"iat", Now()},
            {"exp", Now() + 3600}};
  }
  static std::string TextOf(const std::string& header, const std::string& claims) {
    return Base64Url(header) + "." + Base64Url(claims);
  }
  static std::string SignText(const std::string& text, const TestKey& key = Rsa()) {
    return text + "." + Base64Url(*SignRs256(key.PrivatePem(), text));
  }
  static std::string Sign(const Json& header, const Json& claims, const TestKey& key = Rsa()) {
    return SignText(TextOf(DumpJson(header), DumpJson(claims)), key);
  }
  std::string With(const std::string& claim, const Json& value) {
    Json claims = Claims();
    claims[claim] = value;
    return Sign(Header(), claims);
  }
  std::string Without(const std::string& claim) {
    Json claims = Claims();
    claims.erase(claim);
    return Sign(Header(), claims);
  }
  std::string WithHeader(const std::string& field, const Json& value) {
    Json header = Header();
    header[field] = value;
    return Sign(header, Claims());
  }
  // "ok", or the error's message.
  std::string Check(const std::string& token) {
    const auto claims = verifier_->Verify(token);
    if (claims.ok()) return "ok";
    code_ = claims.code();
    return claims.error().message;
  }
  static Json Other(const std::string& id) {
    static const TestKey key = TestKey::Ec();
    return EcJwk(key, id);
  }

  FakeClock clock_;
  KeyServer server_;
  ErrorCode code_ = ErrorCode::kInternal;  // of the last refusal
  std::unique_ptr<TokenVerifier> verifier_ =
      NewTokenVerifier(WorkerPolicy(kAudience, kAccount), server_, clock_.timing());
};

TEST_F(TokenVerifierTest, TakesAGoodToken) {
  const auto claims = verifier_->Verify(Sign(Header(), Claims()));
  ASSERT_TRUE(claims.ok()) << claims.error().message;
  EXPECT_EQ(claims->email, kAccount);
  EXPECT_EQ(claims->subject, "1234");
  EXPECT_EQ(Check(With("aud", {"https://other.example", kAudience})), "ok");
  EXPECT_EQ(Check(With("iss", "accounts.google.com")), "ok");
  EXPECT_EQ(Check(With("exp", Now() - 59)), "ok");
  EXPECT_EQ(Check(With("nbf", Now() + 59)), "ok");
  EXPECT_EQ(server_.fetches, 1);
}

TEST_F(TokenVerifierTest, RefusesWrongClaimsAndSaysWhich) {
  const std::vector<std::pair<std::string, std::string>> table{
      {With("exp", Now() - 61), "expired"},
      {With("exp", "tomorrow"), "no exp"},
      {With("exp", Json()), "no exp"},
      {Without("exp"), "no exp"},
      {With("iat", Now() + 61), "not valid yet (iat)"},
      {With("nbf", Now() + 61), "not valid yet (nbf)"},
      {With("nbf", "now"), "nbf is no number"},
      {With("aud", "https://other.example"), "aud"},
      {With("aud", std::string(kAudience) + "/"), "aud"},
      {With("aud", Json::array()), "aud"},
      {With("aud", Json{{"a", kAudience}}), "aud"},
      {Without("aud"), "aud"},
      {With("iss", "https://accounts.google.com.evil.example"), "iss"},
      {Without("iss"), "iss"},
      {With("email_verified", false), "email_verified"},
      {With("email_verified", 1), "email_verified"},
      {Without("email_verified"), "email_verified"},
      {Without("email"), "no email"},
      {With("email", 5), "no email"},
      {With("email", std::string(400, 'x')), "no email"},
  };
  for (const auto& [token, what] : table) {
    EXPECT_EQ(Check(token), "token refused: " + what);
    EXPECT_EQ(code_, ErrorCode::kInvalidArgument) << what;
  }
}

TEST_F(TokenVerifierTest, AGoodTokenOfAnotherAccountIsForbidden) {
  EXPECT_EQ(Check(With("email", "mallory@demo.iam.gserviceaccount.com")),
            "token refused: of another account");
  EXPECT_EQ(code_, ErrorCode::kPermission);
}

TEST_F(TokenVerifierTest, RefusesEveryOtherAlgorithm) {
  const std::string none = TextOf(R"({"alg":"none","kid":"k1"})", DumpJson(Claims()));
  EXPECT_EQ(Check(none + "."), "token refused: no signature");
  EXPECT_EQ(Check(none + ".AAAA"), "token refused: alg is not RS256");
  for (const char* alg : {"None", "NONE", "rs256", "RS384", "RS512", "PS256", "ES256", "HS512"}) {
    EXPECT_EQ(Check(WithHeader("alg", alg)), "token refused: alg is not RS256") << alg;
  }
  EXPECT_EQ(Check(WithHeader("kid", "k9")), "token refused: kid is a key of another kind");
}

TEST_F(TokenVerifierTest, ThePublicKeyIsNoSecretForHs256) {
  const std::string text = TextOf(R"({"alg":"HS256","kid":"k1"})", DumpJson(Claims()));
  for (const std::string& secret : {Rsa().PublicPem(), Rsa().Part(OSSL_PKEY_PARAM_RSA_N)}) {
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    HMAC(EVP_sha256(), secret.data(), int(secret.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac, &size);
    const std::string signature = Base64Url({reinterpret_cast<char*>(mac), size});
    EXPECT_EQ(Check(text + "." + signature), "token refused: alg is not RS256");
    EXPECT_EQ(Check(TextOf(DumpJson(Header()), DumpJson(Claims())) + "." + signature),
              "token refused: signature");
  }
}

TEST_F(TokenVerifierTest, RefusesForgedSignatures) {
  const std::string good = Sign(Header(), Claims());
  ASSERT_EQ(Check(good), "ok");
  EXPECT_EQ(Check(Sign(Header(), Claims(), TestKey::Rsa())), "token refused: signature");
  Json claims = Claims();
  claims["sub"] = "another";
  EXPECT_EQ(Check(TextOf(DumpJson(Header()), DumpJson(claims)) + good.substr(good.rfind('.'))),
            "token refused: signature");
  std::string flipped = good;
  const size_t in_signature = good.rfind('.') + 20;
  flipped[in_signature] = flipped[in_signature] == 'A' ? 'B' : 'A';
  EXPECT_EQ(Check(flipped), "token refused: signature");
}

TEST_F(TokenVerifierTest, RefusesWhateverIsCutShort) {
  const std::string good = Sign(Header(), Claims());
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_NE(Check(good.substr(0, size)), "ok") << size;
  }
  for (const char* more : {".", ".x", "A", "=", " ", "\n"}) EXPECT_NE(Check(good + more), "ok");
  EXPECT_NE(Check(" " + good), "ok");
  EXPECT_NE(Check("Bearer " + good), "ok");
}

TEST_F(TokenVerifierTest, RefusesWhatIsTooLarge) {
  EXPECT_EQ(Check(With("x", std::string(9'000, 'x'))), "token refused: longer than 8192 bytes");
  EXPECT_NE(Check(std::string(1'000'000, '.')), "ok");
}

TEST_F(TokenVerifierTest, RefusesMembersThatStandThereTwiceAndDeepNests) {
  const std::string claims = DumpJson(Claims());
  const std::string twice = R"({"email":"mallory@example.com",)" + claims.substr(1);
  EXPECT_EQ(Check(SignText(TextOf(DumpJson(Header()), twice))), "token refused: a member twice");
  EXPECT_EQ(Check(SignText(TextOf(R"({"alg":"none","alg":"RS256","kid":"k1"})", claims))),
            "token refused: a member twice");
  EXPECT_EQ(
      Check(SignText(TextOf(DumpJson(Header()), R"({"x":{"a":1,"a":2},)" + claims.substr(1)))),
      "token refused: a member twice");
  std::string deep =
      R"({"x":)" + std::string(20, '[') + std::string(20, ']') + "," + claims.substr(1);
  EXPECT_EQ(Check(SignText(TextOf(DumpJson(Header()), deep))), "token refused: nested too deep");
  EXPECT_EQ(Check(WithHeader("cty", "JWT")),
            "token refused: its header asks for what we do not do");
  EXPECT_EQ(Check(WithHeader("crit", {"exp", "b64"})),
            "token refused: its header asks for what we do not do");
  const std::string nested = Sign(Header(), Claims());
  EXPECT_EQ(Check(SignText(TextOf(DumpJson(Header()), nested))),
            "token refused: a part is no JSON object");
}

TEST_F(TokenVerifierTest, AnUnknownKeyIsLookedForOnceAMinute) {
  ASSERT_EQ(Check(Sign(Header(), Claims())), "ok");
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(Check(WithHeader("kid", "k" + std::to_string(50 + i))), "token refused: unknown kid");
  }
  EXPECT_EQ(server_.fetches, 1) << "fetched less than a minute ago";
  clock_.Advance(Seconds(61));
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(Check(WithHeader("kid", "x")), "token refused: unknown kid");
  EXPECT_EQ(server_.fetches, 2);
}

TEST_F(TokenVerifierTest, KeysAreRotated) {
  ASSERT_EQ(Check(Sign(Header(), Claims())), "ok");
  const TestKey next = TestKey::Rsa();
  server_.pages[kKeys] = {{"keys", {RsaJwk(next, "k2"), Other("k9")}}};
  clock_.Advance(Seconds(61));
  Json header = Header();
  header["kid"] = "k2";
  EXPECT_EQ(Check(Sign(header, Claims(), next)), "ok");
  EXPECT_EQ(Check(Sign(Header(), Claims())), "token refused: unknown kid") << "withdrawn";
}

TEST_F(TokenVerifierTest, OldKeysServeOnForADayWhileNewOnesCannotBeFetched) {
  ASSERT_EQ(Check(Sign(Header(), Claims())), "ok");
  server_.is_down = true;
  clock_.Advance(Seconds(23 * 3600));
  EXPECT_EQ(Check(Sign(Header(), Claims())), "ok");
  EXPECT_EQ(server_.fetches, 2);
  EXPECT_EQ(Check(Sign(Header(), Claims())), "ok");
  EXPECT_EQ(server_.fetches, 2) << "not tried again within the minute";
  clock_.Advance(Seconds(2 * 3600));
  EXPECT_NE(Check(Sign(Header(), Claims())), "ok");
  EXPECT_EQ(code_, ErrorCode::kUnavailable);
  server_.is_down = false;
  clock_.Advance(Seconds(61));
  EXPECT_EQ(Check(Sign(Header(), Claims())), "ok");
}

TEST_F(TokenVerifierTest, IdentityAwareProxySignsWithEs256) {
  const TestKey key = TestKey::Ec();
  server_.pages["https://www.gstatic.com/iap/verify/public_key-jwk"] = {
      {"keys", {EcJwk(key, "e1"), RsaJwk(Rsa(), "k1")}}};
  verifier_ = NewTokenVerifier(IapPolicy("/projects/1/apps/demo"), server_, clock_.timing());
  Json claims = Claims();
  claims["iss"] = "https://cloud.google.com/iap";
  claims["aud"] = "/projects/1/apps/demo";
  claims["email"] = "ann@example.com";
  claims.erase("email_verified");
  const std::string text = TextOf(R"({"alg":"ES256","kid":"e1","typ":"JWT"})", DumpJson(claims));
  const std::string signature = key.SignEs256(text);
  EXPECT_EQ(Check(text + "." + Base64Url(signature)), "ok");
  EXPECT_EQ(Check(text + "." + Base64Url(std::string(64, '\0'))), "token refused: signature");
  EXPECT_EQ(Check(text + "." + Base64Url(signature + "x")), "token refused: signature");
  EXPECT_EQ(Check(text + "." + Base64Url(TestKey::Ec().SignEs256(text))),
            "token refused: signature");
  EXPECT_EQ(Check(Sign(Header(), claims)), "token refused: alg is not ES256");
}

TEST_F(TokenVerifierTest, AUsersIssuerSaysWhereItsKeysAre) {
  server_.pages["https://id.example/.well-known/openid-configuration"] = {
      {"issuer", "https://id.example"}, {"jwks_uri", "https://id.example/keys"}};
  server_.pages["https://id.example/keys"] = {{"keys", {RsaJwk(Rsa(), "k1"), Other("k9")}}};
  Json claims = Claims();
  claims["iss"] = "https://id.example";
  claims["upn"] = "ann@example.com";
  verifier_ = NewTokenVerifier(UserPolicy("https://id.example", kAudience, "upn"), server_,
                               clock_.timing());
  const auto caller = verifier_->Verify(Sign(Header(), claims));
  ASSERT_TRUE(caller.ok()) << caller.error().message;
  EXPECT_EQ(caller->email, "ann@example.com");
  server_.pages["https://id.example/.well-known/openid-configuration"]["issuer"] = "https://evil";
  verifier_ =
      NewTokenVerifier(UserPolicy("https://id.example", kAudience), server_, clock_.timing());
  EXPECT_THAT(Check(Sign(Header(), claims)), HasSubstr("discovery"));
  EXPECT_EQ(code_, ErrorCode::kUnavailable);
}

TEST_F(TokenVerifierTest, KeysThatAreTooSmallOrOddAreLeftOut) {
  const TestKey small = TestKey::Rsa(1024);
  Json odd = Other("p");
  odd["x"] = Base64Url(std::string(32, '\1'));  // not on the curve
  Json for_encryption = RsaJwk(Rsa(), "enc");
  for_encryption["use"] = "enc";
  Json symmetric{{"kty", "oct"}, {"kid", "o"}, {"k", "AAAA"}};
  const auto keys = ParseKeySet(DumpJson(
      Json{{"keys", {RsaJwk(small, "s"), odd, for_encryption, symmetric, RsaJwk(Rsa(), "k1")}}}));
  ASSERT_TRUE(keys.ok());
  EXPECT_EQ(keys->size(), 1u);
  EXPECT_TRUE(keys->contains("k1"));
  for (const char* text : {"", "[]", "{}", R"({"keys":5})", R"({"keys":[]})", R"({"keys":[5]})"}) {
    EXPECT_EQ(ParseKeySet(text).code(), ErrorCode::kUnavailable) << text;
  }
}

TEST(KeyLife, IsAtLeastFiveMinutesAndAtMostADay) {
  const auto life = [](const std::string& text) {
    HttpHeaders headers;
    headers.Set("Cache-Control", text);
    return KeyLife(headers);
  };
  EXPECT_EQ(life("public, max-age=19800, must-revalidate"), Seconds(19'800));
  EXPECT_EQ(life("max-age=1"), Seconds(300));
  EXPECT_EQ(life("max-age=999999999"), Seconds(86'400));
  EXPECT_EQ(life("no-store"), Seconds(300));
  EXPECT_EQ(KeyLife({}), Seconds(300));
}

TEST(TokenVerifierWithFake, TakesWhatTheFakeSignsAlsoAfterItsKeyWasRotated) {
  FakeServer server("tasks_server.py");
  const auto http = NewHttpClient({});
  FakeClock clock;
  TokenPolicy policy = WorkerPolicy(kAudience, kAccount);
  policy.keys_url = server.url() + "/certs";
  const auto verifier = NewTokenVerifier(policy, *http, clock.timing());
  const int64_t now = clock.Now().time_since_epoch().count() / 1000;
  const Json claims{{"iss", "https://accounts.google.com"},
                    {"aud", kAudience},
                    {"email", kAccount},
                    {"email_verified", true},
                    {"iat", now},
                    {"exp", now + 60}};
  const auto sign = [&] {
    return server.Admin("/_sign", {{"claims", claims}})["token"].get<std::string>();
  };
  EXPECT_TRUE(verifier->Verify(sign()).ok());
  clock.Advance(Seconds(61));
  server.Admin("/_rotate", Json{{"keep_old", false}});
  const auto rotated = verifier->Verify(sign());
  EXPECT_TRUE(rotated.ok()) << rotated.error().message;
}

}  // namespace
}  // namespace gnosis
