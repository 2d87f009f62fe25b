// Which languages can be read: the `*.traineddata` files that are installed.
// Parent's side: looks at file names only, loads nothing.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gnosis {

struct ModelFolders {
  // Looked through in this order: MODEL_CACHE_PATH, TESSDATA_PREFIX, then the system's folders.
  std::vector<std::filesystem::path> folders;
};
ModelFolders FindModelFolders(const std::string& model_cache_path);
// "/a:/b" and back: how a child is told.
std::string JoinModelFolders(const ModelFolders& folders);
ModelFolders SplitModelFolders(std::string_view text);

// Sorted, without "osd" (which finds orientation, not words).
std::vector<std::string> InstalledLanguages(const ModelFolders& folders);

// The folder that holds all of `languages`; kMissingLanguage names those missing and those
// installed.
Result<std::filesystem::path> FolderWithLanguages(const ModelFolders& folders,
                                                  const std::vector<std::string>& languages);

}  // namespace gnosis
