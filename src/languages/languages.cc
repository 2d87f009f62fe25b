#include "languages/languages.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>

namespace gnosis {
namespace {

constexpr std::string_view kSuffix = ".traineddata";

bool HasModel(const std::filesystem::path& folder, const std::string& language) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(folder / (language + std::string(kSuffix)), ignored);
}

void CollectModels(const std::filesystem::path& folder, const std::string& prefix,
                   std::vector<std::string>& names) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string file = entry.path().filename().string();
    if (file.size() <= kSuffix.size() || !file.ends_with(kSuffix)) continue;
    names.push_back(prefix + file.substr(0, file.size() - kSuffix.size()));
  }
}

}  // namespace

ModelFolders FindModelFolders(const std::string& model_cache_path) {
  ModelFolders found;
  const auto add = [&](const std::filesystem::path& folder) {
    std::error_code ignored;
    if (folder.empty() || !std::filesystem::is_directory(folder, ignored)) return;
    if (std::find(found.folders.begin(), found.folders.end(), folder) != found.folders.end())
      return;
    found.folders.push_back(folder);
  };
  if (!model_cache_path.empty()) {
    add(model_cache_path);
    add(std::filesystem::path(model_cache_path) / "tessdata");
  }
  if (const char* prefix = std::getenv("TESSDATA_PREFIX")) {
    add(prefix);
    add(std::filesystem::path(prefix) / "tessdata");
  }
  for (const char* folder : {"/usr/share/tesseract-ocr/5/tessdata", "/usr/share/tessdata",
                             "/usr/local/share/tessdata"}) {
    add(folder);
  }
  return found;
}

std::string JoinModelFolders(const ModelFolders& folders) {
  std::string text;
  for (const auto& folder : folders.folders) text += (text.empty() ? "" : ":") + folder.string();
  return text;
}

ModelFolders SplitModelFolders(std::string_view text) {
  ModelFolders folders;
  while (!text.empty()) {
    const size_t colon = text.find(':');
    folders.folders.emplace_back(text.substr(0, colon));
    text.remove_prefix(colon == std::string_view::npos ? text.size() : colon + 1);
  }
  return folders;
}

std::vector<std::string> InstalledLanguages(const ModelFolders& folders) {
  std::vector<std::string> names;
  for (const auto& folder : folders.folders) {
    CollectModels(folder, "", names);
    CollectModels(folder / "script", "script/", names);
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::erase(names, "osd");
  return names;
}

Result<std::filesystem::path> FolderWithLanguages(const ModelFolders& folders,
                                                  const std::vector<std::string>& languages) {
  for (const auto& folder : folders.folders) {
    if (std::all_of(languages.begin(), languages.end(),
                    [&](const std::string& language) { return HasModel(folder, language); })) {
      return folder;
    }
  }
  const std::vector<std::string> installed = InstalledLanguages(folders);
  std::vector<std::string> missing;
  for (const std::string& language : languages) {
    if (!std::binary_search(installed.begin(), installed.end(), language)) {
      missing.push_back(language);
    }
  }
  const std::string have = installed.empty()
                               ? "no language is installed"
                               : fmt::format("installed: {}", fmt::join(installed, ", "));
  if (missing.empty()) {
    return Error{
        ErrorCode::kMissingLanguage,
        fmt::format("the models for {} are in different folders", fmt::join(languages, "+")),
        "put them into one folder and set MODEL_CACHE_PATH to it"};
  }
  return Error{ErrorCode::kMissingLanguage,
               fmt::format("language {} is not installed; {}", fmt::join(missing, ", "), have),
               fmt::format("apt-get install tesseract-ocr-{}, or put {}.traineddata into "
                           "MODEL_CACHE_PATH",
                           missing.front(), missing.front())};
}

}  // namespace gnosis
