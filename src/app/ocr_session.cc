#include "app/ocr_session.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "base/hash.h"
#include "task/submissions.h"

namespace gnosis {

SessionOpener::SessionOpener(Home& home, const OcrArguments& arguments)
    : home_(home), arguments_(arguments) {}

Result<HeldSession> SessionOpener::Open(const std::filesystem::path& file) {
  ASSIGN_OR_RETURN(const FileDescriptor input, OpenForReading(file));
  ASSIGN_OR_RETURN(const std::string hash, Sha256OfFile(input));
  const std::string key = "ocr\n" + hash + "\n" + DescribeOptions();
  const std::string user(kLocalUserEmail);
  if (arguments_.earlier_run == OcrArguments::EarlierRun::kForget) RETURN_IF_ERROR(Forget(key));
  ASSIGN_OR_RETURN(const auto earlier, FindSubmitted(home_.store(), user, key));
  // Not through admission, which queues what it finds: a worker would have a page in hand when the
  // leases of the earlier run are broken, and that page would be read twice.
  if (earlier) {
    ASSIGN_OR_RETURN(HeldSession held, Hold(*earlier));
    RETURN_IF_ERROR(GoOn(*earlier, user));
    return held;
  }
  return Begin(file, input, key);
}

Result<HeldSession> SessionOpener::Begin(const std::filesystem::path& file,
                                         const FileDescriptor& input, const std::string& key) {
  ASSIGN_OR_RETURN(auto upload, home_.admission().Start(std::string(kLocalUserEmail), key));
  RETURN_IF_ERROR(
      ForEachPiece(input, [&](std::string_view piece) { return upload->Append(piece); }));
  ASSIGN_OR_RETURN(
      const Admitted admitted,
      upload->Admit({file.filename().string(), arguments_.options, arguments_.password}));
  return Hold(admitted.session);
}

Status SessionOpener::Forget(const std::string& key) {
  ASSIGN_OR_RETURN(const auto earlier,
                   FindSubmitted(home_.store(), std::string(kLocalUserEmail), key));
  if (!earlier) return Ok();
  ASSIGN_OR_RETURN(const HeldSession held, Hold(*earlier));
  return DeleteSession(home_.actions(), held.key);
}

Result<HeldSession> SessionOpener::Hold(const SessionKey& session) {
  ASSIGN_OR_RETURN(const auto metadata, home_.book().ReadMetadata(session));
  ASSIGN_OR_RETURN(
      auto lock,
      FolderLock::Try(home_.root() / OriginalKey(session, metadata->extension), LockKind::kAlone));
  if (lock) return HeldSession{session, std::move(lock)};
  return Error{ErrorCode::kUnavailable,
               "another gnosis-ocr is reading this document with the same options",
               "wait for it, or read it again with --force when it is done"};
}

// An earlier run left this session: go on with what is missing, try failed pages once more.
Status SessionOpener::GoOn(const SessionKey& session, const std::string& user) {
  ASSIGN_OR_RETURN(const JobStatus status, home_.book().ReadStatus(session));
  if (IsFinal(status.state)) {
    const Status redone =
        RedoSession(home_.actions(), session, user, {{}, {}, arguments_.password});
    return !redone.ok() && redone.code() == ErrorCode::kNoPages ? Ok() : redone;
  }
  return ResumeSession(home_.actions(), session, user);
}

// Whatever changes the pages is part of a session's name; the formats are made at the end.
std::string SessionOpener::DescribeOptions() const {
  const JobOptions& options = arguments_.options;
  return fmt::format(
      "{} {} {} {} {} {}", JoinLanguages(options.languages), options.dpi,
      TextModeName(options.mode), options.engine, FormatPageRanges(options.pages),
      arguments_.output_folder ? fmt::format("{}", fmt::join(options.formats, ",")) : "stdout");
}

}  // namespace gnosis
