// What the arguments of `ocr` mean on this file system: which documents there are, in which order
// they are wanted, and what is wrong with the arguments that are none.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"

namespace gnosis {

struct InputFile {
  std::filesystem::path path;    // as it was named: what is opened and what is shown
  std::filesystem::path place;   // absolute, links of folders followed: what tells files apart
  std::filesystem::path folder;  // below the folder that was walked; "" for a file that was named
};

struct InputFiles {
  std::vector<InputFile> files;   // each once
  std::vector<size_t> mentions;   // of `files`, in the order of the arguments
  std::vector<Error> unreadable;  // one for each argument or folder that could not be taken
};

enum class Folders { kRefuse, kWalk };  // --recursive walks

// Named files come in their order, those of a folder sorted by their names. A walk takes files
// whose names end like documents', passes over hidden ones and over `output_folder`, and does not
// follow links of folders.
InputFiles FindInputFiles(const std::vector<std::filesystem::path>& arguments, Folders folders,
                          const std::vector<std::filesystem::path>& not_into);

// A regular file; anything else is an error of the input (kNotFound, kDamaged), never one of the
// world. Does not wait for the other end of a named pipe.
Result<FileDescriptor> OpenInput(const std::filesystem::path& file);
// The same error as one of the input: no other document suffers from it.
Error InputError(const Error& error);

}  // namespace gnosis
