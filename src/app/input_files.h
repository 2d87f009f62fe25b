// Interprets the arguments of `ocr` on this file system: the documents, their order, and errors
// about arguments that are not documents.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"

namespace gnosis {

struct InputFile {
  std::filesystem::path path;    // as given: used for opening and display
  std::filesystem::path place;   // absolute, with links to folders resolved: identifies the file
  std::filesystem::path folder;  // below the folder that was walked; "" for a file given directly
};

struct InputFiles {
  std::vector<InputFile> files;   // each once
  std::vector<size_t> mentions;   // indices into `files`, in the order of the arguments
  std::vector<Error> unreadable;  // one for each argument or folder that could not be used
};

enum class Folders { kRefuse, kWalk };  // --recursive walks

// Files given directly keep their order; those in a folder are sorted by name. A walk takes files
// with a document's extension, skips hidden ones and `output_folder`, and does not follow links to
// folders.
InputFiles FindInputFiles(const std::vector<std::filesystem::path>& arguments, Folders folders,
                          const std::vector<std::filesystem::path>& not_into);

// Opens a regular file; anything else is an error of the input (kNotFound, kDamaged), never one of
// the environment. Does not wait for the other end of a named pipe.
Result<FileDescriptor> OpenInput(const std::filesystem::path& file);
// Converts the error to one of the input, which affects no other document.
Error InputError(const Error& error);

}  // namespace gnosis
