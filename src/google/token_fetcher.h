// Fetches a new access token, behind the cache of credentials.cc.
#pragma once

#include <memory>
#include <string>

#include "google/credentials.h"
#include "google/google_api.h"

namespace gnosis {

struct FetchedToken {
  std::string token;
  Seconds lives_for{0};
};

class TokenFetcher {
 public:
  virtual ~TokenFetcher() = default;
  virtual Result<FetchedToken> Fetch() = 0;  // one call at a time
};

std::unique_ptr<TokenFetcher> NewMetadataFetcher(const CredentialsOptions& options,
                                                 HttpClient& http);
// From a file's JSON: "service_account" or "authorized_user". Token URLs must be https, or http on
// loopback.
Result<std::unique_ptr<TokenFetcher>> NewFileFetcher(const CredentialsOptions& options,
                                                     HttpClient& http, std::string_view json);
// `reply` of any token endpoint; its body is never part of the error if it may hold a token.
Result<FetchedToken> ParseTokenReply(const HttpReply& reply);

}  // namespace gnosis
