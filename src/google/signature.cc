#include "google/signature.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <utility>

namespace gnosis {
namespace {

template <auto Free>
struct Freer {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Pkey = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using PkeyContext = std::unique_ptr<EVP_PKEY_CTX, Freer<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freer<EVP_MD_CTX_free>>;
using ParamBuilder = std::unique_ptr<OSSL_PARAM_BLD, Freer<OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Freer<OSSL_PARAM_free>>;
using Number = std::unique_ptr<BIGNUM, Freer<BN_free>>;
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, Freer<ECDSA_SIG_free>>;
using Bio = std::unique_ptr<BIO, Freer<BIO_free_all>>;

constexpr int kMinRsaBits = 2048, kMaxRsaBits = 8192;
constexpr size_t kEcBytes = 32;

const unsigned char* Data(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

Number ToNumber(std::string_view bytes) {
  return Number(BN_bin2bn(Data(bytes), int(bytes.size()), nullptr));
}

Error NoKey(const char* what) { return {ErrorCode::kInvalidArgument, what, ""}; }

// The parameters keep pointers to the numbers only until they are built.
Pkey FromParams(const char* type, OSSL_PARAM_BLD* builder) {
  const Params params(OSSL_PARAM_BLD_to_param(builder));
  const PkeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
    return nullptr;
  }
  return Pkey(key);
}

bool VerifiesDigest(EVP_PKEY* key, std::string_view text, std::string_view signature) {
  const DigestContext context(EVP_MD_CTX_new());
  return context != nullptr &&
         EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), Data(signature), signature.size(), Data(text),
                          text.size()) == 1;
}

class RsaKey final : public PublicKey {
 public:
  explicit RsaKey(Pkey key) : key_(std::move(key)) {}
  std::string_view algorithm() const override { return "RS256"; }
  // PKCS#1 v1.5 is EVP's default padding for RSA.
  bool Verifies(std::string_view text, std::string_view signature) const override {
    return VerifiesDigest(key_.get(), text, signature);
  }

 private:
  const Pkey key_;
};

// JWS writes r and s as 32 bytes each; OpenSSL expects DER.
std::string ToDer(std::string_view signature) {
  Number r = ToNumber(signature.substr(0, kEcBytes));
  Number s = ToNumber(signature.substr(kEcBytes));
  const EcdsaSignature parts(ECDSA_SIG_new());
  if (!r || !s || !parts || ECDSA_SIG_set0(parts.get(), r.get(), s.get()) != 1) return "";
  (void)r.release();  // now owned by the signature
  (void)s.release();
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(parts.get(), &der);
  if (size <= 0) return "";
  std::string bytes(reinterpret_cast<char*>(der), size_t(size));
  OPENSSL_free(der);
  return bytes;
}

class EcKey final : public PublicKey {
 public:
  explicit EcKey(Pkey key) : key_(std::move(key)) {}
  std::string_view algorithm() const override { return "ES256"; }
  bool Verifies(std::string_view text, std::string_view signature) const override {
    return signature.size() == 2 * kEcBytes && VerifiesDigest(key_.get(), text, ToDer(signature));
  }

 private:
  const Pkey key_;
};

}  // namespace

Result<std::shared_ptr<const PublicKey>> NewRsaKey(std::string_view modulus,
                                                   std::string_view exponent) {
  if (modulus.size() > kMaxRsaBits / 8 || exponent.empty() || exponent.size() > 8) {
    return NoKey("an RSA key of an unexpected size");
  }
  const Number n = ToNumber(modulus), e = ToNumber(exponent);
  if (!n || BN_num_bits(n.get()) < kMinRsaBits) return NoKey("an RSA key of less than 2048 bits");
  const ParamBuilder builder(OSSL_PARAM_BLD_new());
  if (!builder || !e ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
    return NoKey("not an RSA key");
  }
  Pkey key = FromParams("RSA", builder.get());
  if (!key) return NoKey("not an RSA key");
  return std::shared_ptr<const PublicKey>(std::make_shared<RsaKey>(std::move(key)));
}

Result<std::shared_ptr<const PublicKey>> NewEcKey(std::string_view x, std::string_view y) {
  if (x.size() != kEcBytes || y.size() != kEcBytes) return NoKey("an EC key of an unexpected size");
  const std::string point = '\x04' + std::string(x) + std::string(y);  // uncompressed
  const ParamBuilder builder(OSSL_PARAM_BLD_new());
  if (!builder ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) !=
          1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                       point.size()) != 1) {
    return NoKey("not an EC key");
  }
  Pkey key = FromParams("EC", builder.get());  // refuses points that are not on the curve
  if (!key) return NoKey("not an EC key");
  return std::shared_ptr<const PublicKey>(std::make_shared<EcKey>(std::move(key)));
}

Result<std::string> SignRs256(const std::string& private_key_pem, std::string_view text) {
  const Bio bio(BIO_new_mem_buf(private_key_pem.data(), int(private_key_pem.size())));
  // A key with a password must not prompt on the terminal.
  const auto no_password = [](char*, int, int, void*) { return 0; };
  const Pkey key(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr) : nullptr);
  if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) {
    return NoKey("not an RSA private key");
  }
  const DigestContext context(EVP_MD_CTX_new());
  std::string signature(size_t(EVP_PKEY_get_size(key.get())), '\0');
  size_t size = signature.size();
  if (!context ||
      EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     Data(text), text.size()) != 1) {
    return Error{ErrorCode::kInternal, "OpenSSL cannot sign", ""};
  }
  signature.resize(size);
  return signature;
}

}  // namespace gnosis
