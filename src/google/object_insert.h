// One small object written in one request (multipart upload).
#pragma once

#include <string>
#include <string_view>

#include "google/storage_client.h"

namespace gnosis {

// Exactly once, as far as Cloud Storage lets us know: repeated after a broken attempt only under a
// precondition, and recognised by its write id. Waits for its turn with the pacer.
Result<Generation> InsertObject(StorageClient& client, const std::string& key,
                                std::string_view bytes, IfGeneration if_generation);

// The current metadata of `key`, nothing if it is absent.
Result<std::optional<ObjectDetails>> DetailsIfAny(StorageClient& client, const std::string& key);
// For a 412 that our own write may have caused: the generation if the object has `write_id`.
Result<Generation> ResolveConflict(StorageClient& client, const std::string& key,
                                   std::string_view write_id, const Error& conflict);
// Checks that Cloud Storage has the bytes that we sent. If not, the object is removed again: kIo.
Result<Generation> CheckWritten(StorageClient& client, const std::string& key,
                                const ObjectDetails& details, const std::string& crc32c);

}  // namespace gnosis
