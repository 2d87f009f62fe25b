// The owner of files that a command creates in a service's data folder.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/result.h"

namespace gnosis {

// Files that root writes into another user's folder can only be read by root: the service could not
// read them, and would admit nobody. Therefore root becomes the owner of the folder, for the rest
// of the process, after giving the owner what root left in access/ earlier. Does nothing for other
// users, or if the folder does not exist. kPermission: root cannot switch users here.
Status ActAsOwnerOf(const std::filesystem::path& data_folder);
// The owner of the folder if that is someone else, who may be unable to read what we write.
std::optional<std::string> OtherOwnerOf(const std::filesystem::path& data_folder);

}  // namespace gnosis
