// The names of the files that `ocr -o` writes, chosen for all documents before the first is
// processed: they depend neither on failures nor on timing (the rule is in docs/command-line.md).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace gnosis {

struct DocumentPlace {
  std::filesystem::path file;    // absolute; each document has only one entry
  std::filesystem::path folder;  // the folder of its results below the output folder; may be empty
};

// For each document a name below the output folder, to which "." and an ending are added. No two
// files with any of the `endings` have the same name, nor does a file have the name of a folder,
// whether or not the file system is case-sensitive. The order of the documents does not matter.
std::vector<std::filesystem::path> NameOutputs(const std::vector<DocumentPlace>& documents,
                                               const std::vector<std::string>& endings);

}  // namespace gnosis
