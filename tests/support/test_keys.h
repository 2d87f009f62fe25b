// Keys made on the spot, for tests: a private key that signs and its public part.
#pragma once

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <string>

#include "base/result.h"

namespace gnosis {

class TestKey {
 public:
  static TestKey Rsa(unsigned bits = 2048) { return TestKey(EVP_RSA_gen(bits)); }
  static TestKey Ec() { return TestKey(EVP_EC_gen("P-256")); }
  TestKey(TestKey&& other) noexcept : key_(other.key_) { other.key_ = nullptr; }
  TestKey& operator=(TestKey&&) = delete;
  ~TestKey() { EVP_PKEY_free(key_); }

  std::string PrivatePem() const {
    BIO* bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(bio, key_, nullptr, nullptr, 0, nullptr, nullptr);
    return Take(bio);
  }
  std::string PublicPem() const {
    BIO* bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PUBKEY(bio, key_);
    return Take(bio);
  }
  std::string Part(const char* name) const {
    BIGNUM* number = nullptr;
    GNOSIS_CHECK(EVP_PKEY_get_bn_param(key_, name, &number) == 1);
    std::string bytes(size_t(BN_num_bytes(number)), '\0');
    BN_bn2bin(number, reinterpret_cast<unsigned char*>(bytes.data()));
    BN_free(number);
    return bytes;
  }
  // 32 bytes, zeros in front, as JWK wants them.
  std::string Coordinate(const char* name) const {
    const std::string part = Part(name);
    return std::string(32 - part.size(), '\0') + part;
  }
  // ES256: r and s, 32 bytes each.
  std::string SignEs256(const std::string& text) const {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    unsigned char der[128];
    size_t size = sizeof der;
    GNOSIS_CHECK(EVP_DigestSignInit(context, nullptr, EVP_sha256(), nullptr, key_) == 1);
    GNOSIS_CHECK(EVP_DigestSign(context, der, &size,
                                reinterpret_cast<const unsigned char*>(text.data()),
                                text.size()) == 1);
    EVP_MD_CTX_free(context);
    const unsigned char* next = der;
    ECDSA_SIG* parts = d2i_ECDSA_SIG(nullptr, &next, long(size));
    std::string raw(64, '\0');
    auto* bytes = reinterpret_cast<unsigned char*>(raw.data());
    BN_bn2binpad(ECDSA_SIG_get0_r(parts), bytes, 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(parts), bytes + 32, 32);
    ECDSA_SIG_free(parts);
    return raw;
  }

 private:
  explicit TestKey(EVP_PKEY* key) : key_(key) { GNOSIS_CHECK(key_ != nullptr); }
  static std::string Take(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    std::string text(data, size_t(size));
    BIO_free(bio);
    return text;
  }

  EVP_PKEY* key_;
};

}  // namespace gnosis
