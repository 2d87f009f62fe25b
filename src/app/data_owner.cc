#include "app/data_owner.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/file.h"
#include "session/keys.h"

namespace gnosis {
namespace {

struct Identity {
  uid_t user = 0;
  gid_t group = 0;
};

std::optional<Identity> OwnerOf(const std::filesystem::path& folder) {
  struct stat info {};
  if (::stat(folder.c_str(), &info) != 0) return std::nullopt;
  return Identity{info.st_uid, info.st_gid};
}

// "gnosis", or "uid 1000" if the user has no name.
std::string NameOf(uid_t user) {
  std::array<char, 4096> space{};
  struct passwd entry {};
  struct passwd* found = nullptr;
  if (::getpwuid_r(user, &entry, space.data(), space.size(), &found) == 0 && found != nullptr) {
    return found->pw_name;
  }
  return fmt::format("uid {}", user);
}

// Only files that belong to root and have no other name: the folder's owner must not be able to use
// a link to make root give away a system file.
Status GiveIfRoots(const FileDescriptor& file, Identity owner, const std::string& path) {
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return ErrnoError(errno, path);
  const bool is_ours = S_ISDIR(info.st_mode) || (S_ISREG(info.st_mode) && info.st_nlink == 1);
  if (info.st_uid != 0 || !is_ours) return Ok();
  if (::fchownat(file.get(), "", owner.user, owner.group, AT_EMPTY_PATH) == 0) return Ok();
  return ErrnoError(errno, path + ": cannot change its owner to " + NameOf(owner.user));
}

// The entry `name` of `folder`; does nothing if it is absent or a link.
Result<FileDescriptor> GiveEntry(const FileDescriptor& folder, const std::string& name,
                                 Identity owner, const std::string& path) {
  FileDescriptor entry(::openat(folder.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!entry.valid()) {
    if (errno == ENOENT) return entry;
    return ErrnoError(errno, path);
  }
  RETURN_IF_ERROR(GiveIfRoots(entry, owner, path));
  return entry;
}

Status GiveAccessFolder(const std::filesystem::path& data_folder, Identity owner) {
  const std::filesystem::path key(kApiKeysKey);
  const std::string folder_path = (data_folder / key.parent_path()).string();
  FileDescriptor root(::open(data_folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root.valid()) return ErrnoError(errno, data_folder.string());
  ASSIGN_OR_RETURN(const FileDescriptor folder,
                   GiveEntry(root, key.parent_path().string(), owner, folder_path));
  struct stat info {};
  if (!folder.valid() || ::fstat(folder.get(), &info) != 0 || !S_ISDIR(info.st_mode)) return Ok();
  const auto file = GiveEntry(folder, key.filename().string(), owner, (data_folder / key).string());
  return file.ok() ? Ok() : Status(file.error());
}

bool Become(Identity owner) {
  std::array<gid_t, 1> groups{owner.group};
  // Groups first: afterwards changing them is no longer permitted.
  return ::setgroups(groups.size(), groups.data()) == 0 && ::setgid(owner.group) == 0 &&
         ::setuid(owner.user) == 0;
}

}  // namespace

Status ActAsOwnerOf(const std::filesystem::path& data_folder) {
  const auto owner = OwnerOf(data_folder);
  if (::geteuid() != 0 || !owner || owner->user == 0) return Ok();
  RETURN_IF_ERROR(GiveAccessFolder(data_folder, *owner));
  if (Become(*owner)) return Ok();
  Error error = ErrnoError(errno, data_folder.string() + " belongs to " + NameOf(owner->user) +
                                      ", and this root may not switch to that user");
  error.hint = "run the command as " + NameOf(owner->user);
  return error;
}

std::optional<std::string> OtherOwnerOf(const std::filesystem::path& data_folder) {
  const auto owner = OwnerOf(data_folder);
  if (!owner || owner->user == ::geteuid()) return std::nullopt;
  return NameOf(owner->user);
}

}  // namespace gnosis
