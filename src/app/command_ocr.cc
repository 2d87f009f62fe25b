#include "app/command_ocr.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <cstdio>
#include <functional>
#include <set>
#include <utility>

#include "app/folder_lock.h"
#include "app/follow_session.h"
#include "app/interrupt.h"
#include "app/progress_bar.h"
#include "app/text_printer.h"
#include "base/hash.h"
#include "output/output_writer.h"

namespace gnosis {
namespace {

constexpr Milliseconds kGraceAfterInterrupt{0};

// The folder and its lock: with it every lease found inside is dead.
struct HeldSession {
  SessionKey key;
  std::optional<FolderLock> lock;
};

class OcrRun {
 public:
  OcrRun(LocalHome& home, const OcrArguments& arguments, Interruptions& interruptions)
      : home_(home), arguments_(arguments), interruptions_(interruptions) {}

  // Reads one file; kOk and kSomePagesFailed let the next file follow.
  ExitCode ReadFile(const std::filesystem::path& file) {
    auto session = Open(file);
    if (!session.ok()) return Fail(file, session.error());
    TextPrinter printer(home_, session->key, position_);
    position_ = TextPrinter::Position::kLaterFile;
    ProgressBar bar(ProgressBar::When::kOnTerminal);
    const auto status =
        FollowSession(home_, session->key, interruptions_, [&](const JobStatus& now) -> Status {
          if (!arguments_.output_folder) {
            bar.Clear();
            RETURN_IF_ERROR(printer.PrintNew());
          }
          bar.Show(now);
          return Ok();
        });
    bar.Clear();
    if (!status.ok()) return Fail(file, status.error(), session->key);
    if (arguments_.output_folder) {
      if (Status written = WriteOutputs(file, session->key); !written.ok()) {
        return Fail(file, written.error());
      }
    }
    return Finish(file, *session, *status);
  }

 private:
  Result<HeldSession> Open(const std::filesystem::path& file) {
    ASSIGN_OR_RETURN(const FileDescriptor input, OpenForReading(file));
    ASSIGN_OR_RETURN(const std::string hash, Sha256OfFile(input));
    const std::string key = "ocr\n" + hash + "\n" + DescribeOptions();
    const std::string user(kLocalUserEmail);
    if (arguments_.earlier_run == OcrArguments::EarlierRun::kForget) RETURN_IF_ERROR(Forget(key));
    ASSIGN_OR_RETURN(auto upload, home_.admission().Start(user, key));
    RETURN_IF_ERROR(Copy(input, *upload));
    ASSIGN_OR_RETURN(
        const Admitted admitted,
        upload->Admit({file.filename().string(), arguments_.options, arguments_.password}));
    ASSIGN_OR_RETURN(HeldSession held, Hold(admitted.session));
    if (!admitted.created) RETURN_IF_ERROR(GoOn(held.key, user));
    return held;
  }

  Status Forget(const std::string& key) {
    ASSIGN_OR_RETURN(const SessionKey session, SessionKeyFor(std::string(kLocalUserEmail), key));
    if (!home_.book().ReadMetadata(session).ok()) return Ok();
    ASSIGN_OR_RETURN(const HeldSession held, Hold(session));
    return DeleteSession(home_.actions(), held.key);
  }

  Result<HeldSession> Hold(const SessionKey& session) {
    ASSIGN_OR_RETURN(const auto metadata, home_.book().ReadMetadata(session));
    ASSIGN_OR_RETURN(auto lock,
                     FolderLock::Try(home_.root() / OriginalKey(session, metadata->extension),
                                     LockKind::kAlone));
    if (lock) return HeldSession{session, std::move(lock)};
    return Error{ErrorCode::kUnavailable,
                 "another gnosis-ocr is reading this document with the same options",
                 "wait for it, or read it again with --force when it is done"};
  }

  // An earlier run left this session: go on with what is missing, try failed pages once more.
  Status GoOn(const SessionKey& session, const std::string& user) {
    ASSIGN_OR_RETURN(const JobStatus status, home_.book().ReadStatus(session));
    if (IsFinal(status.state)) {
      const Status redone =
          RedoSession(home_.actions(), session, user, {{}, {}, arguments_.password});
      return !redone.ok() && redone.code() == ErrorCode::kNoPages ? Ok() : redone;
    }
    const auto recovered = RecoverSession(home_.actions(), session, Leases::kBreak);
    return recovered.ok() ? Ok() : Status(recovered.error());
  }

  static Status Copy(const FileDescriptor& input, Upload& upload) {
    return ForEachPiece(input, [&](std::string_view piece) { return upload.Append(piece); });
  }

  // Whatever changes the pages is part of a session's name; the formats are made at the end.
  std::string DescribeOptions() const {
    const JobOptions& options = arguments_.options;
    return fmt::format(
        "{} {} {} {} {} {}", JoinLanguages(options.languages), options.dpi,
        TextModeName(options.mode), options.engine, FormatPageRanges(options.pages),
        arguments_.output_folder ? fmt::format("{}", fmt::join(options.formats, ",")) : "stdout");
  }

  Status WriteOutputs(const std::filesystem::path& file, const SessionKey& session) {
    std::error_code error;
    std::filesystem::create_directories(*arguments_.output_folder, error);
    if (error) return ErrnoError(error.value(), arguments_.output_folder->string());
    for (const std::string& name : arguments_.options.formats) {
      ASSIGN_OR_RETURN(const std::string key, EnsureResult(home_.actions(), session, name));
      const std::string ending = FindOutputFormat(name)->file_ending;
      std::string target = file.stem().string() + "." + ending;
      if (!targets_.insert(target).second) target = file.filename().string() + "." + ending;
      RETURN_IF_ERROR(CopyOut(key, *arguments_.output_folder / target));
    }
    return Ok();
  }

  Status CopyOut(const std::string& key, const std::filesystem::path& target) {
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

  ExitCode Finish(const std::filesystem::path& file, const HeldSession& session,
                  const JobStatus& status) {
    if (status.pages.failed == 0) {
      if (arguments_.session == OcrArguments::Session::kDelete) {
        (void)DeleteSession(home_.actions(), session.key);
      }
      return ExitCode::kOk;
    }
    (void)home_.book().Look(session.key, [&](const Processing& record) {
      for (const auto& [page, entry] : record.pages) {
        if (entry.status != PageStatus::kFailed) continue;
        fmt::print(stderr, "gnosis-ocr: {}: page {} could not be read: {}\n", file.string(), page,
                   entry.error.value_or("unknown reason"));
      }
    });
    return ExitCode::kSomePagesFailed;
  }

  ExitCode Fail(const std::filesystem::path& file, const Error& error,
                const std::optional<SessionKey>& session = std::nullopt) {
    if (error.code != ErrorCode::kInterrupted) return ReportError(error.Context(file.string()));
    int done = 0;
    int total = 0;
    if (session) {
      if (const auto status = home_.book().ReadStatus(*session); status.ok()) {
        done = status->pages.completed + status->pages.failed;
        total = status->total_pages;
      }
    }
    fmt::print(stderr,
               "gnosis-ocr: {}: interrupted, {} of {} pages are read and kept; the same command "
               "goes on from there\n",
               file.string(), done, total);
    return ExitCode::kInterrupted;
  }

  LocalHome& home_;
  const OcrArguments& arguments_;
  Interruptions& interruptions_;
  TextPrinter::Position position_ = TextPrinter::Position::kFirstFile;
  std::set<std::string> targets_;
};

// Several runs may share the root; whoever is alone in it first tidies up what crashes left.
Result<std::optional<FolderLock>> LockRoot(LocalHome& home) {
  {
    ASSIGN_OR_RETURN(const auto alone, FolderLock::Try(home.root(), LockKind::kAlone));
    if (alone) {
      (void)RemoveAbandonedUploads(home.actions());
      (void)Sweep(home.actions());
    }
  }
  return FolderLock::Try(home.root(), LockKind::kShared);
}

}  // namespace

ExitCode RunOcr(const Settings& settings, const OcrArguments& arguments) {
  Interruptions interruptions;
  const InterruptWatch watch([&] { interruptions.Interrupt(); });
  auto home = LocalHome::Make(settings, settings.data_dir / "cli");
  if (!home.ok()) return ReportError(home.error());
  if (Status checked = CheckJobOptions(arguments.options, (*home)->models()); !checked.ok()) {
    return ReportError(checked.error());
  }
  const auto lock = LockRoot(**home);
  if (!lock.ok()) return ReportError(lock.error());
  (*home)->StartWorkers(
      [&](const Task&, const BatchReport& report) { interruptions.NoteBatch(report); });
  OcrRun run(**home, arguments, interruptions);
  ExitCode worst = ExitCode::kOk;
  for (const auto& file : arguments.files) {
    const ExitCode code = run.ReadFile(file);
    if (code == ExitCode::kInterrupted || code == ExitCode::kEnvironment) {
      worst = code;
      break;
    }
    if (worst == ExitCode::kOk) worst = code;
  }
  (*home)->StopWorkers(kGraceAfterInterrupt);
  return worst;
}

}  // namespace gnosis
