#include "app/ocr_session.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "app/input_files.h"
#include "base/hash.h"
#include "task/submissions.h"

namespace gnosis {
namespace {

std::string LocalUser() { return std::string(kLocalUserEmail); }

std::filesystem::path DocumentLocks(const std::filesystem::path& root) { return root / "locks"; }

Error DamagedSession(const std::filesystem::path& folder, const Error& error) {
  return {ErrorCode::kDamaged,
          fmt::format("the session of an earlier run in {} is damaged: {}", folder.string(),
                      error.message),
          "use --force to start over"};
}

}  // namespace

SessionOpener::SessionOpener(Home& home, const OcrArguments& arguments)
    : home_(home), arguments_(arguments) {}

Error SessionOpener::AtWorkAlready() {
  return Error{ErrorCode::kUnavailable,
               "another gnosis-ocr is processing this document with the same options",
               "wait for it to finish, then run the same command again"};
}

Result<std::optional<HeldSession>> SessionOpener::Open(const std::filesystem::path& file,
                                                       const Decide& decide,
                                                       const KeepWaiting& keep_waiting) {
  ASSIGN_OR_RETURN(const FileDescriptor input, OpenInput(file));
  const auto sha256 = Sha256OfFile(input);
  if (!sha256.ok()) return InputError(sha256.error());
  HeldSession held;
  held.document = DocumentOf(file, *sha256);
  const std::string key = held.document + "\n" + DescribeOutputs();
  ASSIGN_OR_RETURN(NameLock name, LockName(key, keep_waiting));
  held.name.emplace(std::move(name));
  ASSIGN_OR_RETURN(const auto earlier, FindEarlier(key));
  ASSIGN_OR_RETURN(const Earlier state, StateOf(earlier));
  ASSIGN_OR_RETURN(const Decision decision, decide(held.document, state));
  if (decision == Decision::kSkip) return std::optional<HeldSession>();
  if (earlier && state == Earlier::kNothing) RETURN_IF_ERROR(Forget(*earlier, keep_waiting));
  // Not through admission, which would queue the session: a worker might already be processing a
  // page when the earlier run's leases are broken, and that page would be processed twice.
  if (state != Earlier::kNothing) {
    held.key = *earlier;
  } else {
    ASSIGN_OR_RETURN(held.key, Begin(file, input, *sha256, key));
  }
  ASSIGN_OR_RETURN(held.lock, Hold(held.key, keep_waiting));
  if (state != Earlier::kNothing) RETURN_IF_ERROR(GoOn(held.key));
  return std::optional(std::move(held));
}

Status SessionOpener::Forget(const SessionKey& session, const KeepWaiting& keep_waiting) {
  const auto lock = Hold(session, keep_waiting);
  // Nobody is working on a damaged session.
  if (!lock.ok() && lock.code() != ErrorCode::kDamaged) return lock.error();
  return DeleteSession(home_.actions(), session);
}

Result<NameLock> SessionOpener::LockName(const std::string& key, const KeepWaiting& keep_waiting) {
  const auto folder = DocumentLocks(home_.root());
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return ErrnoError(error.value(), folder.string());
  while (true) {
    ASSIGN_OR_RETURN(auto lock, NameLock::Try(folder / Sha256Hex(key)));
    if (lock) return *std::move(lock);
    RETURN_IF_ERROR(keep_waiting());
  }
}

Result<std::optional<SessionKey>> SessionOpener::FindEarlier(const std::string& key) {
  return FindSubmitted(home_.store(), LocalUser(), key);
}

Result<SessionOpener::Earlier> SessionOpener::StateOf(const std::optional<SessionKey>& session) {
  if (!session || arguments_.earlier_run == OcrArguments::EarlierRun::kForget) {
    return Earlier::kNothing;
  }
  const auto status = home_.book().ReadStatus(*session);
  if (!status.ok()) {
    if (status.code() == ErrorCode::kGone) return Earlier::kNothing;  // expired, not yet swept
    if (status.code() != ErrorCode::kDamaged) return status.error();
    return DamagedSession(home_.root() / SessionFolder(*session), status.error());
  }
  // Left by a run that died while deleting this session.
  if (status->state == SessionState::kCancelled) return Earlier::kNothing;
  return IsFinal(status->state) ? Earlier::kFinal : Earlier::kUnfinished;
}

Result<SessionKey> SessionOpener::Begin(const std::filesystem::path& file,
                                        const FileDescriptor& input, const std::string& sha256,
                                        const std::string& key) {
  ASSIGN_OR_RETURN(auto upload, home_.admission().Start(LocalUser(), key));
  Status appended;
  const Status read =
      ForEachPiece(input, [&](std::string_view piece) { return appended = upload->Append(piece); });
  if (!appended.ok()) return appended.error();
  if (!read.ok()) return InputError(read.error());
  ASSIGN_OR_RETURN(
      const Admitted admitted,
      upload->Admit({file.filename().string(), arguments_.options, arguments_.password}));
  ASSIGN_OR_RETURN(const auto metadata, home_.book().ReadMetadata(admitted.session));
  if (metadata->sha256 == sha256) return admitted.session;
  (void)DeleteSession(home_.actions(), admitted.session);
  return Error{ErrorCode::kDamaged, "the file changed while it was being read",
               "run the command again when the file is complete"};
}

// `resume` may be working on it.
Result<FolderLock> SessionOpener::Hold(const SessionKey& session, const KeepWaiting& keep_waiting) {
  ASSIGN_OR_RETURN(const auto metadata, home_.book().ReadMetadata(session));
  auto lock = FolderLock::WaitFor(home_.root() / OriginalKey(session, metadata->extension),
                                  LockKind::kAlone, keep_waiting);
  if (lock.ok() || lock.code() != ErrorCode::kNotFound) return lock;
  return DamagedSession(home_.root() / SessionFolder(session), lock.error());
}

// Continues a session of an earlier run: processes missing pages, retries failed ones.
Status SessionOpener::GoOn(const SessionKey& session) {
  ASSIGN_OR_RETURN(const JobStatus status, home_.book().ReadStatus(session));
  if (IsFinal(status.state)) {
    const Status redone =
        RedoSession(home_.actions(), session, LocalUser(), {{}, {}, arguments_.password});
    return !redone.ok() && redone.code() == ErrorCode::kNoPages ? Ok() : redone;
  }
  // Not RecoverSession: the earlier run may have died before writing the marker.
  return ResumeSession(home_.actions(), session, LocalUser());
}

// Covers everything that affects the content of a result, including its file's name.
std::string SessionOpener::DocumentOf(const std::filesystem::path& file,
                                      const std::string& sha256) const {
  const JobOptions& options = arguments_.options;
  return "ocr\n" + Sha256Hex(fmt::format("{}\n{}\n{}{}", sha256, file.filename().string(),
                                         EncodePageOptions(options.reading),
                                         FormatPageRanges(options.pages)));
}

std::string SessionOpener::DescribeOutputs() const {
  return arguments_.output_folder ? fmt::format("{}", fmt::join(arguments_.options.formats, ","))
                                  : "stdout";
}

void RemoveDocumentLocks(const std::filesystem::path& root) {
  std::error_code ignored;
  std::filesystem::remove_all(DocumentLocks(root), ignored);
}

}  // namespace gnosis
