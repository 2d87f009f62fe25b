// Listings, however many pages they take, and deletion by listing.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "google/storage_client.h"

namespace gnosis {

struct ListedObject {
  std::string key;
  Generation generation = kAbsent;
  uint64_t size_bytes = 0;
};

struct Listing {
  std::vector<ListedObject> objects;  // sorted by key
  std::vector<std::string> folders;   // sorted, each with a final '/'; only with kOneLevel
};

enum class Depth { kOneLevel, kAll };

Result<Listing> ListObjects(StorageClient& client, const std::string& prefix, Depth depth);

// Deletes under the precondition that it is unchanged. If it is absent: ok if `if_generation` is
// kAnyGeneration or kAbsent.
Status DeleteObject(StorageClient& client, const std::string& key, IfGeneration if_generation);
// Several at a time, until a listing finds nothing.
Status DeleteEverythingUnder(StorageClient& client, const std::string& folder);

}  // namespace gnosis
