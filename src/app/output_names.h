// The names of the files that `ocr -o` writes, decided from all documents before one is read: they
// depend neither on what fails nor on what is ready first (docs/command-line.md has the rule).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace gnosis {

struct DocumentPlace {
  std::filesystem::path file;    // absolute, of a document that no other entry names
  std::filesystem::path folder;  // where its results go below the output folder; may be empty
};

// For each document a name below the output folder to which "." and an ending are added. No two
// files with any of the `endings` have the same name, nor is one called like a folder, whether or
// not the file system tells upper case from lower. The order of the documents does not matter.
std::vector<std::filesystem::path> NameOutputs(const std::vector<DocumentPlace>& documents,
                                               const std::vector<std::string>& endings);

}  // namespace gnosis
