// Shared by the parts of the Cloud Storage store: its URLs, errors, counters and the shape of an
// object's metadata.
#pragma once

#include <atomic>
#include <string>
#include <string_view>

#include "base/json.h"
#include "google/cloud_storage_store.h"
#include "google/google_api.h"
#include "google/write_pacer.h"

namespace gnosis {

inline constexpr std::string_view kDetailFields =
    "generation,size,contentType,crc32c,md5Hash,metadata";
inline constexpr uint64_t kResumableUnit = 256 * 1024;

enum class PriceClass { kA, kB, kFree };

class StorageClient {
 public:
  StorageClient(CloudStorageOptions options, HttpClient& http, TokenSource& tokens);

  const CloudStorageOptions& options() const { return options_; }
  GoogleApi& api() { return api_; }
  HttpClient& http() { return http_; }
  WritePacer& pacer() { return pacer_; }
  CloudStorageCounts counts() const;

  std::string ObjectsUrl() const;                     // ".../b/BUCKET/o"
  std::string ObjectUrl(std::string_view key) const;  // ".../b/BUCKET/o/KEY"
  // ".../o?uploadType=TYPE&name=KEY&..." with the precondition.
  std::string UploadUrl(std::string_view type, std::string_view key,
                        IfGeneration if_generation) const;

  // The call with the store's limits, counted in its class at each attempt.
  ApiCall NewCall(PriceClass price, std::string method, std::string url);
  // A write's metadata: content type from the key's extension, no-store, the write id.
  std::string NewResource(std::string_view key, std::string_view write_id) const;

  Result<ObjectDetails> Details(const std::string& key);
  // The error for a response about `key` that is not a success.
  Error ToError(const HttpReply& reply, const std::string& key) const;

 private:
  const CloudStorageOptions options_;
  HttpClient& http_;
  GoogleApi api_;
  WritePacer pacer_;
  std::atomic<uint64_t> class_a_{0}, class_b_{0}, free_{0};
};

Result<ObjectDetails> ParseDetails(std::string_view json);
std::string_view ContentTypeOf(std::string_view key);
// "ifGenerationMatch=N", or nothing.
std::string Precondition(IfGeneration if_generation);

}  // namespace gnosis
