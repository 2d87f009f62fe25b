// Reads an object's bytes, resuming where an interrupted connection left off.
#pragma once

#include <string>

#include "google/storage_client.h"

namespace gnosis {

// In memory; more than options.max_read_bytes is kTooLarge.
Result<Object> DownloadObject(StorageClient& client, const std::string& key);
// Into an unlinked file of options.temporary_folder; the descriptor only reads.
Result<FileDescriptor> DownloadToFile(StorageClient& client, const std::string& key);

}  // namespace gnosis
