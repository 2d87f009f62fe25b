#include "app/command_ocr.h"

#include <fmt/format.h>

#include <cstdio>
#include <deque>
#include <utility>

#include "app/folder_lock.h"
#include "app/follow_session.h"
#include "app/interrupt.h"
#include "app/ocr_session.h"
#include "app/output_folder.h"
#include "app/progress_bar.h"
#include "app/text_printer.h"

namespace gnosis {
namespace {

constexpr Milliseconds kGraceAfterInterrupt{0};

// The files in their order. While one is waited for, as many of those after it are open as keep the
// workers busy: a hundred scanned images are read side by side, a long document mostly alone.
class FilesAhead {
 public:
  FilesAhead(Home& home, const OcrArguments& arguments)
      : home_(home), files_(arguments.files), opener_(home, arguments) {}

  bool Done() const { return next_ == files_.size() && ahead_.empty(); }
  const std::filesystem::path& NextFile() const { return files_[next_ - ahead_.size()]; }

  Result<HeldSession> TakeNext() {
    if (ahead_.empty()) return opener_.Open(files_[next_++]);
    HeldSession session = std::move(ahead_.front());
    ahead_.pop_front();
    return session;
  }

  // `unread`: pages still to be read of the file that is waited for. What cannot be opened yet, or
  // at all, is tried again and reported in its turn.
  void KeepWorkersBusy(int unread) {
    for (const HeldSession& session : ahead_) unread += Unread(session);
    while (unread < kPagesPerWorker * home_.workers() && next_ < files_.size()) {
      auto session = opener_.Open(files_[next_]);
      if (!session.ok()) return;
      unread += Unread(*session);
      ahead_.push_back(*std::move(session));
      ++next_;
    }
  }

 private:
  static constexpr int kPagesPerWorker = 2;

  int Unread(const HeldSession& session) {
    const auto status = home_.book().ReadStatus(session.key);
    return status.ok() ? status->pages.pending + status->pages.processing : 0;
  }

  Home& home_;
  const std::vector<std::filesystem::path>& files_;
  SessionOpener opener_;
  std::deque<HeldSession> ahead_;  // of the files before next_
  size_t next_ = 0;
};

class OcrRun {
 public:
  OcrRun(Home& home, const OcrArguments& arguments, Interruptions& interruptions)
      : home_(home), arguments_(arguments), interruptions_(interruptions), files_(home, arguments) {
    if (arguments.output_folder) {
      output_.emplace(home, *arguments.output_folder, arguments.options.formats);
    }
  }

  // The worst that happened to a file; ends early when the world is at fault.
  ExitCode ReadFiles() {
    ExitCode worst = ExitCode::kOk;
    while (!files_.Done()) {
      const ExitCode code = ReadNext();
      if (code == ExitCode::kInterrupted || code == ExitCode::kEnvironment) return code;
      if (worst == ExitCode::kOk) worst = code;
    }
    return worst;
  }

 private:
  ExitCode ReadNext() {
    const std::filesystem::path file = files_.NextFile();
    auto session = files_.TakeNext();
    if (!session.ok()) return Fail(file, session.error());
    TextPrinter printer(home_, session->key, position_);
    position_ = TextPrinter::Position::kLaterFile;
    ProgressBar bar(ProgressBar::When::kOnTerminal);
    const auto status =
        FollowSession(home_, session->key, interruptions_, [&](const JobStatus& now) -> Status {
          if (!output_) {
            bar.Clear();
            RETURN_IF_ERROR(printer.PrintNew());
          }
          bar.Show(now);
          files_.KeepWorkersBusy(now.pages.pending + now.pages.processing);
          return Ok();
        });
    bar.Clear();
    if (!status.ok()) return Fail(file, status.error(), session->key);
    if (output_) {
      if (Status written = output_->Write(file, session->key); !written.ok()) {
        return Fail(file, written.error());
      }
    }
    return Finish(file, *session, *status);
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

  Home& home_;
  const OcrArguments& arguments_;
  Interruptions& interruptions_;
  FilesAhead files_;
  std::optional<OutputFolder> output_;
  TextPrinter::Position position_ = TextPrinter::Position::kFirstFile;
};

// Several runs may share the root; whoever is alone in it first tidies up what crashes left.
Result<std::optional<FolderLock>> LockRoot(Home& home) {
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
  auto home = Home::Make(settings, settings.data_dir / "cli");
  if (!home.ok()) return ReportError(home.error());
  if (Status checked = CheckJobOptions(arguments.options, (*home)->models()); !checked.ok()) {
    return ReportError(checked.error());
  }
  const auto lock = LockRoot(**home);
  if (!lock.ok()) return ReportError(lock.error());
  (*home)->StartWorkers(
      [&](const Task&, const BatchReport& report) { interruptions.NoteBatch(report); },
      arguments.files.size() == 1 ? ChildOptions::Models::kLoadedWhenNeeded
                                  : ChildOptions::Models::kLoadedInTemplate);
  const ExitCode code = OcrRun(**home, arguments, interruptions).ReadFiles();
  (*home)->StopWorkers(kGraceAfterInterrupt);
  return code;
}

}  // namespace gnosis
