#include "app/command_ocr.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <map>
#include <numeric>
#include <set>
#include <utility>

#include "app/delivery.h"
#include "app/files_ahead.h"
#include "app/folder_lock.h"
#include "app/follow_session.h"
#include "app/interrupt.h"
#include "app/ocr_session.h"
#include "app/progress_bar.h"
#include "app/standard_output.h"
#include "app/text_printer.h"
#include "session/disk_store.h"

namespace gnosis {
namespace {

constexpr Milliseconds kGraceAfterInterrupt{0};

class OcrRun {
 public:
  // `delivery`: nullptr if the text goes to standard output.
  OcrRun(Home& home, const OcrArguments& arguments, const InputFiles& inputs, Delivery* delivery,
         Interruptions& interruptions)
      : home_(home),
        arguments_(arguments),
        inputs_(inputs),
        delivery_(delivery),
        interruptions_(interruptions),
        files_(home, arguments, inputs.files,
               [this](size_t file, const std::string& document,
                      SessionOpener::Earlier earlier) -> Result<SessionOpener::Decision> {
                 if (delivery_ == nullptr) return SessionOpener::Decision::kRead;
                 return delivery_->Decide(file, document, earlier);
               }),
        output_(STDOUT_FILENO, [this] { return KeepWaiting(); }) {}

  // Returns the worst result of any file.
  ExitCode ReadFiles() {
    ExitCode worst = ExitCode::kOk;
    const std::vector<size_t> turns = Turns();
    for (size_t turn = 0; turn < turns.size(); ++turn) {
      const bool is_last =
          std::find(turns.begin() + ptrdiff_t(turn) + 1, turns.end(), turns[turn]) == turns.end();
      const Outcome outcome = Read(turns[turn], is_last ? Mention::kLast : Mention::kEarlier);
      worst = WorseOf(worst, outcome.code);
      if (outcome.ends_the_run) break;
    }
    TellOfSkipped();
    return worst;
  }

 private:
  // A document that is named twice is processed once. Its text appears each time it is named.
  enum class Mention { kEarlier, kLast };
  struct Outcome {
    ExitCode code = ExitCode::kOk;
    bool ends_the_run = false;
  };

  std::vector<size_t> Turns() const {
    if (delivery_ == nullptr) return inputs_.mentions;
    std::vector<size_t> turns(inputs_.files.size());
    std::iota(turns.begin(), turns.end(), size_t{0});
    return turns;
  }

  Outcome Read(size_t file, Mention mention) {
    if (over_.contains(file)) return {};  // reported where it was named first
    if (!held_.contains(file)) {
      auto opened = files_.TakeNext([&] { return WaitForOther(file); });
      if (!opened.ok()) return Fail(file, opened.error());
      if (!*opened) {
        over_.insert(file);
        skipped_.push_back(file);
        return {};
      }
      held_.emplace(file, **std::move(opened));
    }
    return Follow(file, mention);
  }

  Outcome Follow(size_t file, Mention mention) {
    const HeldSession& session = held_.at(file);
    TextPrinter printer(home_, output_, session.key, position_);
    position_ = TextPrinter::Position::kLaterFile;
    ProgressBar bar(ProgressBar::When::kOnTerminal);
    Status printed;
    const auto status =
        FollowSession(home_, session.key, interruptions_, [&](const JobStatus& now) -> Status {
          if (delivery_ == nullptr) {
            bar.Clear();
            printed = printer.PrintNew();
            if (!printed.ok()) return printed;
          }
          bar.Show(now);
          files_.KeepWorkersBusy(now.pages.pending + now.pages.processing);
          return Ok();
        });
    bar.Clear();
    if (!printed.ok() && printed.code() == ErrorCode::kGone) {
      return {ExitCode::kReaderGone, /*ends_the_run=*/true};
    }
    if (!status.ok()) return Fail(file, status.error());
    if (delivery_ == nullptr) return Finish(file, mention, *status, output_.Finish());
    return Finish(file, mention, *status, delivery_->Write(file, session, status->pages.failed));
  }

  // `delivered`: whether the results have reached the user. Until then the session is kept.
  Outcome Finish(size_t file, Mention mention, const JobStatus& status, const Status& delivered) {
    if (!delivered.ok()) return Refuse(file, delivered.error());
    if (mention == Mention::kEarlier) return {};
    const auto held = held_.extract(file);
    const HeldSession& session = held.mapped();
    if (status.pages.failed > 0) {
      TellOfFailedPages(file, session);
      return {ExitCode::kSomePagesFailed};
    }
    if (arguments_.session == OcrArguments::Session::kKeep) return {};
    const Status deleted = DeleteSession(home_.actions(), session.key);
    // Everything is delivered: a leftover session takes space, but no results are lost.
    if (!deleted.ok()) {
      Say(NameOf(file) + ": its session could not be deleted: " + deleted.error().message);
    }
    return {};
  }

  void TellOfFailedPages(size_t file, const HeldSession& session) {
    (void)home_.book().Look(session.key, [&](const Processing& record) {
      for (const auto& [page, entry] : record.pages) {
        if (entry.status != PageStatus::kFailed) continue;
        Say(fmt::format("{}: page {} could not be read: {}", NameOf(file), page,
                        entry.error.value_or("unknown reason")));
      }
    });
  }

  void TellOfSkipped() const {
    if (skipped_.empty()) return;
    const std::string folder = arguments_.output_folder->string();
    if (skipped_.size() == 1) {
      Say(fmt::format("{}: its results are already in {}; use --force to process it again",
                      NameOf(skipped_.front()), folder));
    } else {
      Say(fmt::format(
          "{} documents already have their results in {}; use --force to process them again",
          skipped_.size(), folder));
    }
  }

  // The document has been processed, but its results could not be delivered.
  Outcome Refuse(size_t file, const Error& error) {
    Error told = error.Context(NameOf(file));
    told.message += "; the finished pages are kept";
    // The results of other documents may still be deliverable, except in these two cases.
    const bool ends = delivery_ == nullptr || error.code == ErrorCode::kDiskFull;
    held_.erase(file);
    over_.insert(file);
    return {ReportError(told), ends};
  }

  Outcome Fail(size_t file, const Error& error) {
    if (error.code == ErrorCode::kInterrupted) return Interrupted(file);
    held_.erase(file);
    over_.insert(file);
    const std::string name = NameOf(file);
    // Many messages already begin with the file.
    const bool is_named = error.message.starts_with(name);
    return {ReportError(is_named ? error : error.Context(name)), IsBrokenWorld(error.code)};
  }

  Outcome Interrupted(size_t file) {
    int done = 0;
    int total = 0;
    if (const auto held = held_.find(file); held != held_.end()) {
      if (const auto status = home_.book().ReadStatus(held->second.key); status.ok()) {
        done = status->pages.completed + status->pages.failed;
        total = status->total_pages;
      }
    }
    Say(fmt::format(
        "{}: interrupted, {} of {} pages are done and kept; run the same command again to resume",
        NameOf(file), done, total));
    return {ExitCode::kInterrupted, /*ends_the_run=*/true};
  }

  Status WaitForOther(size_t file) {
    if (waiting_for_ != file) {
      Say(NameOf(file) +
          ": waiting for another gnosis-ocr that is processing it with the same options");
    }
    waiting_for_ = file;
    const auto error = interruptions_.Wait();
    return error ? Status(*error) : Ok();
  }

  Status KeepWaiting() {
    const auto error = interruptions_.error();
    return error ? Status(*error) : Ok();
  }

  std::string NameOf(size_t file) const { return inputs_.files[file].path.string(); }

  Home& home_;
  const OcrArguments& arguments_;
  const InputFiles& inputs_;
  Delivery* const delivery_;
  Interruptions& interruptions_;
  FilesAhead files_;
  StandardOutput output_;
  TextPrinter::Position position_ = TextPrinter::Position::kFirstFile;
  std::map<size_t, HeldSession> held_;  // by file: being processed, or to be printed once more
  std::set<size_t> over_;               // files that no longer have a session in this run
  std::vector<size_t> skipped_;
  std::optional<size_t> waiting_for_;
};

// For a run that holds the root alone. What cannot be removed now is removed another time.
void TidyUp(Home& home) {
  (void)SettleAdmissions(home.actions());
  (void)Sweep(home.actions());
  (void)WrittenResults(home.store(), SystemClock()).Tidy();
  RemoveDocumentLocks(home.root());
  for (const std::string_view folder :
       {"users/", "unfinished/", "deleted/", "expired/", "submissions/", "written/"}) {
    (void)RemoveTemporaryFiles(home.root(), folder);
  }
}

// Several runs may share the root. A run that is alone in it first cleans up after crashes;
// afterwards no run does, so that work in progress is never mistaken for abandoned.
Result<FolderLock> LockRoot(Home& home, Interruptions& interruptions) {
  {
    ASSIGN_OR_RETURN(const auto alone, FolderLock::Try(home.root(), LockKind::kAlone));
    if (alone) TidyUp(home);
  }
  constexpr int kSayAfterAsking = 8;  // two seconds: cleaning up takes less
  int asked = 0;
  return FolderLock::WaitFor(home.root(), LockKind::kShared, [&]() -> Status {
    if (++asked == kSayAfterAsking) {
      Say("waiting for another gnosis-ocr that has exclusive use of " + home.root().string());
    }
    const auto error = interruptions.Wait();
    return error ? Status(*error) : Ok();
  });
}

// If something is missing from the place where state lives, that is not a missing input.
ExitCode ReportBrokenWorld(Error error) {
  if (error.code == ErrorCode::kNotFound) error.code = ErrorCode::kIo;
  return ReportError(error);
}

Status CheckFormatsHavePlace(const OcrArguments& arguments) {
  const std::vector<std::string>& formats = arguments.options.formats;
  if (arguments.output_folder || formats == std::vector<std::string>{"txt"}) return Ok();
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("the formats {} are written to files, but no output folder was given",
                           fmt::join(formats, ",")),
               "give one with -o; only text goes to standard output"};
}

ExitCode ReadAll(Home& home, const OcrArguments& arguments, const InputFiles& inputs,
                 Interruptions& interruptions) {
  std::optional<Delivery> delivery;
  if (arguments.output_folder) {
    delivery.emplace(home, arguments, inputs.files);
    if (Status made = delivery->Prepare(); !made.ok()) return ReportError(made.error());
  }
  const auto lock = LockRoot(home, interruptions);
  if (!lock.ok()) return ReportBrokenWorld(lock.error());
  home.StartWorkers(
      [&](const Task&, const BatchReport& report) { interruptions.NoteBatch(report); },
      inputs.files.size() == 1 ? ChildOptions::Models::kLoadedWhenNeeded
                               : ChildOptions::Models::kLoadedInTemplate);
  const ExitCode code =
      OcrRun(home, arguments, inputs, delivery ? &*delivery : nullptr, interruptions).ReadFiles();
  home.StopWorkers(kGraceAfterInterrupt);
  return code;
}

}  // namespace

ExitCode RunOcr(const Settings& settings, const OcrArguments& arguments,
                const HomeMaker& make_home) {
  Interruptions interruptions;
  const InterruptWatch watch([&] { interruptions.Interrupt(); });
  auto home = make_home(settings, settings.data_dir / "cli");
  if (!home.ok()) return ReportBrokenWorld(home.error());
  if (Status checked = CheckJobOptions(arguments.options, (*home)->models()); !checked.ok()) {
    return ReportError(checked.error());
  }
  if (Status checked = CheckFormatsHavePlace(arguments); !checked.ok()) {
    return ReportError(checked.error());
  }
  std::vector<std::filesystem::path> not_into = {settings.data_dir};
  if (arguments.output_folder) not_into.push_back(*arguments.output_folder);
  const InputFiles inputs = FindInputFiles(arguments.files, arguments.folders, not_into);
  ExitCode worst = ExitCode::kOk;
  for (const Error& error : inputs.unreadable) worst = WorseOf(worst, ReportError(error));
  if (inputs.files.empty()) return worst;
  return WorseOf(worst, ReadAll(**home, arguments, inputs, interruptions));
}

}  // namespace gnosis
