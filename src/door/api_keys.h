// API keys control access to a server that serves more than the local user.
//
// Lifecycle of a key: `gnosis-ocr keys add` creates it from 256 random bits and shows it once; its
// SHA-256 is stored in keys.json with a name and an owner (who owns everything submitted with it);
// a running server notices it within a second; `keys revoke` removes it.
//
// A plain SHA-256 is right here: slow hashes protect guessable passwords, but nobody can guess 256
// random bits, and a slow hash would let strangers waste the server's time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace gnosis {

struct ApiKey {
  std::string name;    // unique; shown in logs
  std::string owner;   // as returned by OwnerOf
  std::string sha256;  // of the secret, 64 hex digits; unique
  Time created_at{};
  bool operator==(const ApiKey&) const = default;
};

inline constexpr size_t kMaxApiKeys = 1000;

// Indented JSON; Decode is the inverse and validates every field. kDamaged.
std::string EncodeApiKeys(const std::vector<ApiKey>& keys);
Result<std::vector<ApiKey>> DecodeApiKeys(std::string_view bytes);

// "gnosis_" and 64 hex digits.
std::string NewSecret();
// Adds a key for `secret` to the list. kInvalidArgument: an invalid name or e-mail; kConflict: the
// name or secret exists already, the list is full, or another owner's folder has the same hash.
Status AddApiKey(std::vector<ApiKey>& keys, std::string_view name, std::string_view owner,
                 std::string_view secret, Time now);
// kNotFound.
Status RemoveApiKey(std::vector<ApiKey>& keys, std::string_view name);

// The key with this secret; nullptr if there is none. Takes the same time at any position.
const ApiKey* FindApiKey(const std::vector<ApiKey>& keys, std::string_view secret);

}  // namespace gnosis
