// Whose files are, that a command makes in the data folder of a service.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/result.h"

namespace gnosis {

// What root writes into another's folder nobody but root can read: the service could not, and would
// let nobody in. Root therefore becomes the owner of the folder, for the rest of the process, after
// it has given the owner what root left in access/ earlier. For others, and without a folder, there
// is nothing to do. kPermission: this root may not become somebody else.
Status ActAsOwnerOf(const std::filesystem::path& data_folder);
// The owner of the folder when that is somebody else, who may not be able to read what we write.
std::optional<std::string> OtherOwnerOf(const std::filesystem::path& data_folder);

}  // namespace gnosis
