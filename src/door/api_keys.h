// API keys: who may call a server that serves more than the local user.
//
// The life of a key: `gnosis-ocr keys add` makes it from 256 random bits and shows it once; its
// SHA-256 goes into keys.json with a name and an owner (everything submitted with it is the
// owner's); a running server finds it there within a second; `keys revoke` takes it out again.
//
// A plain SHA-256 is right here: slow hashes protect guessable passwords, but nobody can guess 256
// random bits, and a slow hash would let strangers burn the server's time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace gnosis {

struct ApiKey {
  std::string name;    // unique; shown in logs
  std::string owner;   // as OwnerOf writes it
  std::string sha256;  // of the secret, 64 hex digits; unique
  Time created_at{};
  bool operator==(const ApiKey&) const = default;
};

inline constexpr size_t kMaxApiKeys = 1000;

// Indented JSON; Decode is its inverse and checks every field. kDamaged.
std::string EncodeApiKeys(const std::vector<ApiKey>& keys);
Result<std::vector<ApiKey>> DecodeApiKeys(std::string_view bytes);

// "gnosis_" and 64 hex digits.
std::string NewSecret();
// Puts a key for `secret` into the list. kInvalidArgument: a name or e-mail that cannot be used;
// kConflict: the name or the secret is taken, the list is full, or another owner's folder has the
// same hash.
Status AddApiKey(std::vector<ApiKey>& keys, std::string_view name, std::string_view owner,
                 std::string_view secret, Time now);
// kNotFound.
Status RemoveApiKey(std::vector<ApiKey>& keys, std::string_view name);

// The key whose secret this is; nullptr when there is none. Takes the same time wherever it stands.
const ApiKey* FindApiKey(const std::vector<ApiKey>& keys, std::string_view secret);

}  // namespace gnosis
