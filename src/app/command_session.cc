#include <fmt/format.h>

#include <cstdio>
#include <optional>

#include "app/commands.h"
#include "app/folder_lock.h"
#include "app/follow_session.h"
#include "app/home.h"
#include "app/interrupt.h"
#include "app/progress_bar.h"
#include "base/id.h"
#include "base/json.h"
#include "session/disk_store.h"
#include "session/status.h"
#include "task/session_files.h"
#include "task/verify.h"

namespace gnosis {
namespace {

constexpr Milliseconds kGraceAfterInterrupt{0};

struct SessionPlace {
  std::filesystem::path root;
  std::filesystem::path folder;
  SessionKey session;
};

Result<SessionPlace> FindSession(const std::filesystem::path& given) {
  std::error_code ignored;
  auto folder = std::filesystem::weakly_canonical(given, ignored);
  if (!folder.has_filename()) folder = folder.parent_path();
  const auto root = folder.parent_path().parent_path().parent_path();
  const auto session = ParseSessionFolder(folder.lexically_relative(root).string() + "/");
  if (session) return SessionPlace{root, folder, *session};
  return Error{ErrorCode::kInvalidArgument, given.string() + " is not a session directory",
               "a session is named .../users/{user_hash}/{session_id}"};
}

// Of any owner: the command line is for the person who runs the server.
Result<SessionPlace> FindJob(const std::filesystem::path& root, const std::string& job) {
  const auto store = NewDiskStore(root);
  ASSIGN_OR_RETURN(const auto users, store->ListFolders("users/"));
  for (const std::string& user : users) {
    const auto session = ParseSessionFolder(user + job + "/");
    if (session && store->Stat(MetadataKey(*session)).ok()) return SessionPlace{root, {}, *session};
  }
  return Error{ErrorCode::kNotFound, fmt::format("there is no job {} in {}", job, root.string()),
               "set GNOSIS_DATA_DIR, or give the session directory"};
}

}  // namespace

ExitCode RunResume(const Settings& settings, const std::filesystem::path& session_folder,
                   const HomeMaker& make_home) {
  const auto place = FindSession(session_folder);
  if (!place.ok()) return ReportError(place.error());
  // Before a home is created in a folder that does not exist.
  std::error_code ignored;
  if (!std::filesystem::exists(place->folder, ignored)) {
    return ReportError({ErrorCode::kNotFound, place->folder.string() + " does not exist", ""});
  }
  Interruptions interruptions;
  const InterruptWatch watch([&] { interruptions.Interrupt(); });
  auto home = make_home(settings, place->root);
  if (!home.ok()) return ReportError(home.error());
  const auto root_lock = FolderLock::Try(place->root, LockKind::kShared);
  if (!root_lock.ok()) return ReportError(root_lock.error());
  if (!*root_lock) {
    return ReportError({ErrorCode::kUnavailable, "a service is running on " + place->root.string(),
                        "it resumes this session automatically"});
  }
  const auto metadata = (*home)->book().ReadMetadata(place->session);
  if (!metadata.ok()) return ReportError(metadata.error());
  const auto lock =
      FolderLock::Try(place->folder / ("original." + (*metadata)->extension), LockKind::kAlone);
  if (!lock.ok()) return ReportError(lock.error());
  if (!*lock) {
    return ReportError({ErrorCode::kUnavailable, "another gnosis-ocr is working on it", ""});
  }
  // A copied directory has no marker; its owner is now the local user.
  (*home)->StartWorkers(
      [&](const Task&, const BatchReport& report) { interruptions.NoteBatch(report); },
      ChildOptions::Models::kLoadedWhenNeeded);
  const auto resumed =
      ResumeSession((*home)->actions(), place->session, std::string(kLocalUserEmail));
  if (!resumed.ok()) return ReportError(resumed.error());
  ProgressBar bar(ProgressBar::When::kOnTerminal);
  const auto status =
      FollowSession(**home, place->session, interruptions, [&](const JobStatus& now) {
        bar.Show(now);
        return Ok();
      });
  bar.Clear();
  (*home)->StopWorkers(kGraceAfterInterrupt);
  if (!status.ok()) return ReportError(status.error());
  Say(place->folder.string() + ": " + status->message);
  return status->pages.failed == 0 ? ExitCode::kOk : ExitCode::kSomePagesFailed;
}

ExitCode RunVerify(const std::filesystem::path& session_folder) {
  const auto place = FindSession(session_folder);
  if (!place.ok()) return ReportError(place.error());
  const auto store = NewDiskStore(place->root);
  const auto report = VerifySession(*store, place->session);
  if (!report.ok()) return ReportError(report.error().Context(place->folder.string()));
  int problems = 0;
  for (const Finding& finding : report->findings) {
    const bool problem = finding.kind == Finding::Kind::kProblem;
    problems += problem ? 1 : 0;
    fmt::print("{}: {}: {}\n", problem ? "problem" : "note", finding.file, finding.what);
  }
  fmt::print("{} pages: {} done, {} failed, {} pending; {} problems\n", report->pages,
             report->completed, report->failed, report->pages - report->completed - report->failed,
             problems);
  return problems == 0 ? ExitCode::kOk : ExitCode::kInputUnreadable;
}

ExitCode RunStatus(const Settings& settings, const std::string& job) {
  const auto place = IsUuid(job) ? FindJob(settings.data_dir, job) : FindSession(job);
  if (!place.ok()) return ReportError(place.error());
  const auto store = NewDiskStore(place->root);
  const auto book = NewSessionBook(*store, SystemClock(), {});
  const auto status = book->ReadStatus(place->session);
  if (!status.ok()) return ReportError(status.error().Context(job));
  fmt::print("{}\n", DumpJson(StatusJson(*status), 2));
  return ExitCode::kOk;
}

}  // namespace gnosis
