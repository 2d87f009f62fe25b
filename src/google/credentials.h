// Where access tokens come from: a service account's key file, a user's file as `gcloud auth
// application-default login` writes it, or the metadata server of the machine.
//
// The life of a token: fetched when first asked for -> handed out until five minutes before its
// expiry -> then the first caller fetches a new one while the others keep using the old -> dropped
// when Google refuses it. Tokens, keys and refresh tokens never appear in a log line or an error.
#pragma once

#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>

#include "google/token_source.h"
#include "net/http_client.h"
#include "net/retry.h"

namespace gnosis {

inline constexpr Seconds kRenewEarly{300};

struct CredentialsOptions {
  std::string key_file;         // GOOGLE_APPLICATION_CREDENTIALS; "" is not set
  std::string well_known_file;  // of gcloud; used if it exists
  std::string metadata_host = "metadata.google.internal";  // GCE_METADATA_HOST, may have a port
  RetryPolicy retry{.attempts = 4, .max_total = Seconds(20)};
  Timing timing;
  std::stop_token stop;
};

// From GOOGLE_APPLICATION_CREDENTIALS, CLOUDSDK_CONFIG, HOME and GCE_METADATA_HOST.
CredentialsOptions CredentialsFromEnvironment();

// The first of: key_file, well_known_file, the metadata server. `http` must outlive it. Errors:
// kInvalidArgument (not a credentials file), kNotFound (key_file does not exist). The source's
// errors: kUnavailable (fetching failed temporarily), kPermission (refused); all say what to do.
Result<std::unique_ptr<TokenSource>> NewCredentials(const CredentialsOptions& options,
                                                    HttpClient& http);

}  // namespace gnosis
