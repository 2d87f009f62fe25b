#include <fmt/format.h>

#include <cstdio>
#include <filesystem>

#include "app/commands.h"
#include "app/state_place.h"
#include "session/disk_store.h"
#include "task/copy_session.h"

namespace gnosis {
namespace {

constexpr std::string_view kScheme = "gs://";

// The source or destination of a copy.
struct End {
  StatePlace place;
  std::string rest;  // the path within it: "users/HASH/ID/", or ""
};

Result<End> OpenBucket(const Settings& settings, std::string_view url) {
  url.remove_prefix(kScheme.size());
  const size_t slash = url.find('/');
  Settings in_bucket = settings;
  in_bucket.cloud.on = true;
  in_bucket.cloud.tasks = false;  // writing files needs no queue
  in_bucket.cloud.bucket = std::string(url.substr(0, slash));
  if (in_bucket.cloud.bucket.empty()) {
    return Error{ErrorCode::kInvalidArgument, "no bucket given", "use gs://BUCKET"};
  }
  End end;
  ASSIGN_OR_RETURN(end.place, OpenState(in_bucket));
  if (slash != url.npos) end.rest = std::string(url.substr(slash + 1));
  return end;
}

// `root` is the data folder.
Result<End> OpenFolder(const Settings& settings, const std::filesystem::path& root) {
  Settings on_disk = settings;
  on_disk.cloud.on = false;
  on_disk.data_dir = root;
  End end;
  ASSIGN_OR_RETURN(end.place, OpenState(on_disk));
  return end;
}

// .../users/HASH/ID: the data folder is three levels up.
Result<End> OpenSessionFolder(const Settings& settings, const std::string& given) {
  std::error_code ignored;
  auto folder = std::filesystem::weakly_canonical(given, ignored);
  if (!folder.has_filename()) folder = folder.parent_path();
  if (!std::filesystem::is_directory(folder, ignored)) {
    return Error{ErrorCode::kNotFound, given + " is not a directory", ""};
  }
  const auto root = folder.parent_path().parent_path().parent_path();
  ASSIGN_OR_RETURN(End end, OpenFolder(settings, root));
  end.rest = folder.lexically_relative(root).string();
  return end;
}

// Errors that do not depend on what exists on either side.
Status CheckSides(const std::string& from, const std::string& to) {
  if (to.empty()) {
    return Error{ErrorCode::kInvalidArgument, "the name of the data folder is empty", ""};
  }
  if (to.starts_with(kScheme) != from.starts_with(kScheme)) return Ok();
  return Error{ErrorCode::kInvalidArgument, "exactly one side of a copy must be a bucket",
               "use gnosis-ocr copy DIR gs://BUCKET, or gnosis-ocr copy "
               "gs://BUCKET/users/HASH/ID DATA-FOLDER"};
}

Result<CopyReport> Copy(const Settings& settings, const std::string& from, const std::string& to) {
  RETURN_IF_ERROR(CheckSides(from, to));
  const bool up = to.starts_with(kScheme);
  ASSIGN_OR_RETURN(const End source,
                   up ? OpenSessionFolder(settings, from) : OpenBucket(settings, from));
  std::string folder = source.rest;
  if (!folder.ends_with('/')) folder += '/';
  const auto session = ParseSessionFolder(folder);
  if (!session) {
    return Error{ErrorCode::kInvalidArgument, from + " is not a session",
                 "a session is named .../users/{user_hash}/{session_id}"};
  }
  ASSIGN_OR_RETURN(const End target, up ? OpenBucket(settings, to) : OpenFolder(settings, to));
  if (!target.rest.empty()) {
    return Error{ErrorCode::kInvalidArgument, to + " is a place within a bucket",
                 "use gs://BUCKET: a session is always copied to users/ in it"};
  }
  return CopySession(*source.place.store, *target.place.store, *session, SystemClock());
}

}  // namespace

ExitCode RunCopy(const Settings& settings, const std::string& from, const std::string& to) {
  const auto report = Copy(settings, from, to);
  if (!report.ok()) return ReportError(report.error());
  fmt::print("{} files, {} bytes{}\n", report->files, report->size_bytes,
             report->unfinished ? "; it is not finished: the service there will resume it" : "");
  return ExitCode::kOk;
}

}  // namespace gnosis
