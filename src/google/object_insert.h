// One small object written in one request (multipart upload).
#pragma once

#include <string>
#include <string_view>

#include "google/storage_client.h"

namespace gnosis {

// Exactly once, as far as Cloud Storage lets us know: repeated after a broken attempt only under a
// precondition, and known again by its write id. Takes its turn with the pacer.
Result<Generation> InsertObject(StorageClient& client, const std::string& key,
                                std::string_view bytes, IfGeneration if_generation);

// What of `key` is there now, nothing if it is absent.
Result<std::optional<ObjectDetails>> DetailsIfAny(StorageClient& client, const std::string& key);
// A 412 that may be our own doing: the generation if the object bears `write_id`.
Result<Generation> ResolveConflict(StorageClient& client, const std::string& key,
                                   std::string_view write_id, const Error& conflict);
// That Cloud Storage has the bytes that we sent. If not, the object is removed again: kIo.
Result<Generation> CheckWritten(StorageClient& client, const std::string& key,
                                const ObjectDetails& details, const std::string& crc32c);

}  // namespace gnosis
