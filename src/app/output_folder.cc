#include "app/output_folder.h"

#include <fcntl.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "base/file.h"
#include "output/output_writer.h"

namespace gnosis {

OutputFolder::OutputFolder(Home& home, std::filesystem::path folder,
                           std::vector<std::string> formats)
    : home_(home), folder_(std::move(folder)), formats_(std::move(formats)) {}

Status OutputFolder::Write(const std::filesystem::path& file, const SessionKey& session) {
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (error) return ErrnoError(error.value(), folder_.string());
  for (const std::string& name : formats_) {
    ASSIGN_OR_RETURN(const std::string key, EnsureResult(home_.actions(), session, name));
    const std::string ending = FindOutputFormat(name)->file_ending;
    std::string target = file.stem().string() + "." + ending;
    if (!written_.insert(target).second) target = file.filename().string() + "." + ending;
    RETURN_IF_ERROR(CopyOut(key, folder_ / target));
  }
  return Ok();
}

Status OutputFolder::CopyOut(const std::string& key, const std::filesystem::path& target) {
  ASSIGN_OR_RETURN(const FileDescriptor from, home_.store().Open(key));
  const std::filesystem::path partial = target.string() + ".part";
  {
    const int fd = ::open(partial.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0) return ErrnoError(errno, partial.string());
    const FileDescriptor to(fd);
    RETURN_IF_ERROR(
        ForEachPiece(from, [&](std::string_view piece) { return WriteAll(to, piece); }));
  }
  if (::rename(partial.c_str(), target.c_str()) != 0) return ErrnoError(errno, target.string());
  return Ok();
}

}  // namespace gnosis
