// The available languages: the installed `*.traineddata` files. Runs in the parent process: looks
// at file names only, loads nothing.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gnosis {

struct ModelFolders {
  // Searched in this order: MODEL_CACHE_PATH, TESSDATA_PREFIX, then the system's folders.
  std::vector<std::filesystem::path> folders;
};
ModelFolders FindModelFolders(const std::string& model_cache_path);
// "/a:/b" and back: passed to a child.
std::string JoinModelFolders(const ModelFolders& folders);
ModelFolders SplitModelFolders(std::string_view text);

// Sorted, without "osd" (which detects orientation, not words).
std::vector<std::string> InstalledLanguages(const ModelFolders& folders);

// The folder that has all of `languages`; kMissingLanguage lists the missing ones and the installed
// ones.
Result<std::filesystem::path> FolderWithLanguages(const ModelFolders& folders,
                                                  const std::vector<std::string>& languages);

}  // namespace gnosis
