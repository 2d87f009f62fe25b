// The data about every job of an owner that the job list needs: when it was created, its name, how
// it ended. A cache, so that a list of thousands of jobs does not read thousands of files each
// time.
//
// Lifecycle of an entry: read from metadata.json when a listing shows an unknown folder; removed
// when the folder is gone, or when the job is deleted here. How a job ended is stored with the
// generation of its processing.json, and valid as long as that is unchanged.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "door/recent_map.h"
#include "session/keys.h"
#include "session/processing.h"
#include "task/job_actions.h"

namespace gnosis {

// A job's position in the list. Greater is newer.
struct JobPlace {
  int64_t created_ms = 0;
  std::string session_id;
  auto operator<=>(const JobPlace&) const = default;
};

struct ListedJob {
  JobPlace place;
  SessionKey session;
  std::string folded_name;  // FoldCase of the document's name
};

class JobIndex {
 public:
  using Jobs = std::shared_ptr<const std::vector<ListedJob>>;  // shared with calls that use it

  // Every job of the owner, newest first. A folder without readable metadata is not a job (yet).
  Result<Jobs> JobsOf(const ActionContext& actions, const std::string& owner);
  // The state of a job; if there is none, the error of SessionBook::ReadStatus.
  Result<SessionState> StateOf(const ActionContext& actions, const SessionKey& session);
  // The job is deleted: its id may be reused for another one (Idempotency-Key).
  void Forget(const SessionKey& session);

 private:
  struct End {
    Generation generation = kAbsent;
    SessionState state = SessionState::kQueued;
  };
  struct Owner {
    std::vector<std::string> folders;  // that `jobs` fully covers; {}: look again
    Jobs jobs = std::make_shared<const std::vector<ListedJob>>();
    std::unordered_map<std::string, End> ends;  // by session id
  };
  static constexpr size_t kMaxOwners = 200;

  std::mutex mutex_;
  RecentMap<Owner> owners_{kMaxOwners};  // by user hash
};

}  // namespace gnosis
