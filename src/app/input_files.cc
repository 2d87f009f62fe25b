#include "app/input_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <utility>

#include "api/fold_case.h"
#include "page/media_types.h"

namespace gnosis {
namespace {

using Path = std::filesystem::path;

bool LooksLikeDocument(const Path& file) {
  const std::string ending = FoldCase(file.extension().string());
  return std::any_of(MediaTypes().begin(), MediaTypes().end(), [&](const MediaType& type) {
    return std::count(type.endings.begin(), type.endings.end(), ending) > 0;
  });
}

std::string AllEndings() {
  std::vector<std::string_view> endings;
  for (const MediaType& type : MediaTypes()) {
    endings.insert(endings.end(), type.endings.begin(), type.endings.end());
  }
  return fmt::format("{}", fmt::join(endings, ", "));
}

bool IsHidden(const Path& path) { return path.filename().string().starts_with('.'); }

bool IsFolder(const Path& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored);
}

class InputFinder {
 public:
  InputFinder(Folders folders, const std::vector<Path>& not_into)
      : folders_(folders), not_into_(not_into) {}

  void Take(const Path& argument) {
    if (folders_ == Folders::kWalk && IsFolder(argument)) {
      const size_t before = found_.mentions.size() + found_.unreadable.size();
      Walk(argument, "");
      if (found_.mentions.size() + found_.unreadable.size() == before) {
        found_.unreadable.push_back({ErrorCode::kNotFound,
                                     argument.string() + ": no documents in this folder",
                                     "supported extensions are " + AllEndings()});
      }
      return;
    }
    const auto opened = OpenInput(argument);
    if (opened.ok()) {
      Add(argument, "");
    } else {
      found_.unreadable.push_back(opened.error());
    }
  }

  InputFiles Found() { return std::move(found_); }

 private:
  void Walk(const Path& folder, const Path& below) {
    std::error_code error;
    std::vector<Path> entries;
    for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
      if (!IsHidden(entry->path())) entries.push_back(entry->path());
    }
    if (error) {
      found_.unreadable.push_back(InputError(ErrnoError(error.value(), folder.string())));
    }
    std::sort(entries.begin(), entries.end());
    for (const Path& entry : entries) TakeEntry(entry, below);
  }

  // If folders link to each other, each document is taken once, and the walk ends.
  void TakeEntry(const Path& entry, const Path& below) {
    std::error_code ignored;
    const bool is_link = std::filesystem::is_symlink(entry, ignored);
    if (IsFolder(entry)) {
      if (!is_link && !IsPassedOver(entry)) Walk(entry, below / entry.filename());
      return;
    }
    if (!LooksLikeDocument(entry)) return;
    // A broken link is taken, so that it is reported; a pipe or a device is not a document.
    const auto type = std::filesystem::status(entry, ignored).type();
    if (type == std::filesystem::file_type::regular || is_link) Add(entry, below);
  }

  bool IsPassedOver(const Path& folder) const {
    return std::any_of(not_into_.begin(), not_into_.end(), [&](const Path& other) {
      std::error_code ignored;
      return std::filesystem::equivalent(folder, other, ignored);
    });
  }

  void Add(const Path& file, const Path& below) {
    std::error_code error;
    Path place = std::filesystem::absolute(file, error).lexically_normal();
    const Path folder = std::filesystem::canonical(place.parent_path(), error);
    if (!error) place = folder / place.filename();
    const auto [known, is_new] = index_.try_emplace(place.string(), found_.files.size());
    if (is_new) found_.files.push_back({file, place, below});
    found_.mentions.push_back(known->second);
  }

  const Folders folders_;
  const std::vector<Path>& not_into_;
  std::map<std::string, size_t> index_;
  InputFiles found_;
};

}  // namespace

InputFiles FindInputFiles(const std::vector<Path>& arguments, Folders folders,
                          const std::vector<Path>& not_into) {
  InputFinder finder(folders, not_into);
  for (const Path& argument : arguments) finder.Take(argument);
  return finder.Found();
}

Result<FileDescriptor> OpenInput(const Path& file) {
  FileDescriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat info {};
  if (!opened.valid() || ::fstat(opened.get(), &info) != 0) {
    return InputError(ErrnoError(errno, file.string()));
  }
  if (S_ISREG(info.st_mode)) return opened;
  if (S_ISDIR(info.st_mode)) {
    return Error{ErrorCode::kDamaged, file.string() + " is a folder",
                 "use --recursive to process the documents in it"};
  }
  return Error{ErrorCode::kDamaged, file.string() + " is not a regular file",
               "save the data from the pipe or device to a file first"};
}

Error InputError(const Error& error) {
  if (error.code == ErrorCode::kNotFound) return error;
  return {ErrorCode::kDamaged, error.message, ""};
}

}  // namespace gnosis
