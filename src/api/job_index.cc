#include "api/job_index.h"

#include <algorithm>
#include <map>
#include <utility>

#include "api/fold_case.h"
#include "task/owner_sessions.h"

namespace gnosis {
namespace {

struct Built {
  std::vector<ListedJob> jobs;
  bool complete = true;  // false: a folder had no metadata, but may get some later
};

Built Build(const ActionContext& actions, const std::vector<std::string>& folders,
            const std::vector<ListedJob>& known) {
  std::map<std::string_view, const ListedJob*> by_id;
  for (const ListedJob& job : known) by_id[job.session.session_id] = &job;
  Built built;
  built.jobs.reserve(folders.size());
  for (const std::string& folder : folders) {
    auto session = ParseSessionFolder(folder);
    if (!session) continue;
    if (const auto found = by_id.find(session->session_id); found != by_id.end()) {
      built.jobs.push_back(*found->second);
      continue;
    }
    const auto metadata = actions.book.ReadMetadata(*session);
    if (!metadata.ok()) {
      built.complete = false;
      continue;
    }
    const int64_t created_ms = (*metadata)->created_at.time_since_epoch().count();
    JobPlace place{created_ms, session->session_id};
    built.jobs.push_back({std::move(place), *std::move(session), FoldCase((*metadata)->file_name)});
  }
  std::sort(built.jobs.begin(), built.jobs.end(),
            [](const ListedJob& a, const ListedJob& b) { return b.place < a.place; });
  return built;
}

}  // namespace

Result<JobIndex::Jobs> JobIndex::JobsOf(const ActionContext& actions, const std::string& owner) {
  const std::string user_hash = UserHash(owner);
  ASSIGN_OR_RETURN(auto folders, ListOwnersSessions(actions.store, owner));
  Jobs known;
  {
    std::lock_guard lock(mutex_);
    const Owner& entry = owners_.Touch(user_hash);
    if (entry.folders == folders && !folders.empty()) return entry.jobs;
    known = entry.jobs;
  }
  // Without the lock: of two concurrent calls the later one wins, and both are correct.
  Built built = Build(actions, folders, *known);
  const auto jobs = std::make_shared<const std::vector<ListedJob>>(std::move(built.jobs));
  std::lock_guard lock(mutex_);
  Owner& entry = owners_.Touch(user_hash);
  // A job that was forgotten meanwhile must not reappear from `known`.
  if (entry.jobs == known) {
    entry.jobs = jobs;
    entry.folders = built.complete ? std::move(folders) : std::vector<std::string>();
  }
  if (entry.ends.size() > 2 * jobs->size() + 100) entry.ends.clear();
  return jobs;
}

Result<SessionState> JobIndex::StateOf(const ActionContext& actions, const SessionKey& session) {
  // Before reading the record: if it changes in between, the cached state is not used.
  const auto info = actions.store.Stat(ProcessingKey(session));
  if (info.ok()) {
    std::lock_guard lock(mutex_);
    const auto& ends = owners_.Touch(session.user_hash).ends;
    const auto found = ends.find(session.session_id);
    if (found != ends.end() && found->second.generation == info->generation) {
      return found->second.state;
    }
  }
  ASSIGN_OR_RETURN(const JobStatus status, actions.book.ReadStatus(session));
  if (info.ok() && IsFinal(status.state)) {
    std::lock_guard lock(mutex_);
    owners_.Touch(session.user_hash).ends[session.session_id] = {info->generation, status.state};
  }
  return status.state;
}

void JobIndex::Forget(const SessionKey& session) {
  std::lock_guard lock(mutex_);
  Owner& entry = owners_.Touch(session.user_hash);
  std::vector<ListedJob> rest;
  for (const ListedJob& job : *entry.jobs) {
    if (job.session != session) rest.push_back(job);
  }
  entry.jobs = std::make_shared<const std::vector<ListedJob>>(std::move(rest));
  entry.folders.clear();
  entry.ends.erase(session.session_id);
}

}  // namespace gnosis
