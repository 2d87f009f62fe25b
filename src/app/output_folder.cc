#include "app/output_folder.h"

#include <map>
#include <utility>

#include "base/hash.h"

namespace gnosis {
namespace {

using Path = std::filesystem::path;

// Short, whatever the target is called, and always the same: the remains of a crash are found, and
// emptied or removed, by the next run that writes this result.
Path PartOf(const Path& target) {
  constexpr size_t kDigits = 16;
  const std::string hash = Sha256Hex(target.filename().string()).substr(0, kDigits);
  return target.parent_path() / (".gnosis-ocr-" + hash + ".part");
}

Path OrHere(const Path& folder) { return folder.empty() ? Path(".") : folder; }

// Removed at the end unless it has become a result.
class UnfinishedPart {
 public:
  UnfinishedPart(OutputDisk& disk, Path path) : disk_(disk), path_(std::move(path)) {}
  ~UnfinishedPart() {
    if (!path_.empty()) (void)disk_.Remove(path_);
  }
  UnfinishedPart(const UnfinishedPart&) = delete;
  UnfinishedPart& operator=(const UnfinishedPart&) = delete;
  void HasBecomeResult() { path_.clear(); }

 private:
  OutputDisk& disk_;
  Path path_;
};

}  // namespace

Status OutputFolder::Prepare() {
  RETURN_IF_ERROR(MakeFolders(folder_, ""));
  std::error_code error;
  canonical_ = std::filesystem::weakly_canonical(folder_, error);
  if (error) canonical_ = std::filesystem::absolute(folder_, error);
  RETURN_IF_ERROR(disk_.MayWriteInto(folder_));
  return disk_.SyncFolder(folder_);
}

// Each folder is synced into its parent, even if it exists: an earlier run may have died before
// doing so. A result is not durable in a folder that is not.
Status OutputFolder::MakeFolders(const Path& folder, const Path& known) {
  if (folder == known || folder == folder.root_path()) return Ok();
  if (!folder.has_filename()) return MakeFolders(folder.parent_path(), known);
  const Path parent = folder.parent_path();
  ASSIGN_OR_RETURN(const OutputDisk::Entry entry, disk_.Look(folder));
  if (entry == OutputDisk::Entry::kNothing) {
    RETURN_IF_ERROR(MakeFolders(parent, known));
    RETURN_IF_ERROR(disk_.MakeFolder(folder));
    return disk_.SyncFolder(OrHere(parent));
  }
  if (entry != OutputDisk::Entry::kFolder) {
    return Error{ErrorCode::kIo, folder.string() + " is not a folder",
                 "give a folder for the results with -o"};
  }
  // Without write permission there, we cannot have created anything.
  const Status may_write = disk_.MayWriteInto(OrHere(parent));
  if (!may_write.ok()) return may_write.code() == ErrorCode::kPermission ? Ok() : may_write;
  RETURN_IF_ERROR(disk_.SyncFolder(OrHere(parent)));
  return MakeFolders(parent, known);
}

Path OutputFolder::PathOf(const ResultNames& names, const std::string& ending) const {
  return folder_ / (names.name.string() + "." + ending);
}

Path OutputFolder::NotedPath(const ResultNames& names, const std::string& ending) const {
  return canonical_ / (names.name.string() + "." + ending);
}

Error OutputFolder::InTheWay(const Path& foreign) {
  return {ErrorCode::kPreconditionFailed,
          foreign.string() +
              " already exists and was not written by an earlier run for this document with these "
              "options; it is kept",
          "move it away, choose another folder with -o, or replace it with --overwrite"};
}

Result<OutputFolder::State> OutputFolder::StateOf(
    const ResultNames& names, const std::string& ending,
    const std::optional<std::string>& wanted_sha256) const {
  const Path target = PathOf(names, ending);
  ASSIGN_OR_RETURN(const OutputDisk::Entry entry, disk_.Look(target));
  if (entry == OutputDisk::Entry::kNothing) return State::kAbsent;
  if (entry == OutputDisk::Entry::kFolder) return State::kFolder;
  if (entry != OutputDisk::Entry::kFile) return State::kForeign;
  ASSIGN_OR_RETURN(const std::string sha256, disk_.Sha256(target));
  if (wanted_sha256 && sha256 == *wanted_sha256) return State::kSame;
  ASSIGN_OR_RETURN(const auto noted, written_.Find(NotedPath(names, ending)));
  const bool ours = noted && noted->document == names.document && noted->sha256 == sha256;
  return ours ? State::kOurs : State::kForeign;
}

bool OutputFolder::IsInTheWay(State state) const {
  if (state == State::kFolder) return true;
  return state == State::kForeign && existing_ == Existing::kKeep;
}

Result<bool> OutputFolder::AllPagesRead(const ResultNames& names, const std::string& ending) const {
  ASSIGN_OR_RETURN(const auto noted, written_.Find(NotedPath(names, ending)));
  return noted && noted->failed_pages == 0;
}

Result<OutputFolder::Found> OutputFolder::Look(const ResultNames& names) const {
  Found found{.foreign = {}, .complete = true};
  for (const std::string& ending : names.endings) {
    ASSIGN_OR_RETURN(const State state, StateOf(names, ending, std::nullopt));
    if (IsInTheWay(state)) found.foreign = PathOf(names, ending);
    if (found.complete && state == State::kOurs) {
      ASSIGN_OR_RETURN(found.complete, AllPagesRead(names, ending));
    } else {
      found.complete = false;
    }
  }
  return found;
}

Status OutputFolder::Write(const ResultNames& names, int failed_pages, const OpenResult& open) {
  std::map<std::string, std::string> sha256s;
  for (const std::string& ending : names.endings) {
    ASSIGN_OR_RETURN(sha256s[ending], Examine(names, ending, open));
  }
  RETURN_IF_ERROR(MakeFolders((folder_ / names.name).parent_path(), folder_));
  for (const auto& [ending, sha256] : sha256s) {
    RETURN_IF_ERROR(Put(names, ending, sha256, open));
  }
  for (const auto& [ending, sha256] : sha256s) {
    RETURN_IF_ERROR(
        written_.Note(NotedPath(names, ending), {names.document, sha256, failed_pages}));
  }
  return Ok();
}

Result<std::string> OutputFolder::Examine(const ResultNames& names, const std::string& ending,
                                          const OpenResult& open) const {
  ASSIGN_OR_RETURN(const FileDescriptor result, open(ending));
  ASSIGN_OR_RETURN(const std::string sha256, Sha256OfFile(result));
  ASSIGN_OR_RETURN(const State state, StateOf(names, ending, sha256));
  if (IsInTheWay(state)) return InTheWay(PathOf(names, ending));
  return sha256;
}

Status OutputFolder::Put(const ResultNames& names, const std::string& ending,
                         const std::string& sha256, const OpenResult& open) {
  RETURN_IF_ERROR(PutUnsynced(names, ending, sha256, open));
  return disk_.SyncFolder(OrHere(PathOf(names, ending).parent_path()));
}

// The holder of the part is the only gnosis-ocr that writes this result.
Status OutputFolder::PutUnsynced(const ResultNames& names, const std::string& ending,
                                 const std::string& sha256, const OpenResult& open) {
  const Path target = PathOf(names, ending);
  const Path part = PartOf(target);
  ASSIGN_OR_RETURN(const auto file, disk_.StartPart(part));
  UnfinishedPart unfinished(disk_, part);
  ASSIGN_OR_RETURN(const State state, StateOf(names, ending, sha256));
  if (IsInTheWay(state)) return InTheWay(target);
  // An earlier run may have died before it was durable.
  if (state == State::kSame) return disk_.SyncFile(target);
  RETURN_IF_ERROR(Copy(*file, ending, open));
  RETURN_IF_ERROR(Place(part, target, state));
  unfinished.HasBecomeResult();
  return Ok();
}

Status OutputFolder::Place(const Path& part, const Path& target, State state) {
  if (state != State::kAbsent) return disk_.Replace(part, target);
  const Status placed = disk_.Publish(part, target);
  if (placed.ok() || placed.code() != ErrorCode::kPreconditionFailed) return placed;
  if (existing_ == Existing::kOverwrite) return disk_.Replace(part, target);
  return InTheWay(target);
}

Status OutputFolder::Copy(PartFile& part, const std::string& ending, const OpenResult& open) {
  ASSIGN_OR_RETURN(const FileDescriptor result, open(ending));
  RETURN_IF_ERROR(ForEachPiece(result, [&](std::string_view piece) { return part.Append(piece); }));
  return part.Sync();
}

}  // namespace gnosis
