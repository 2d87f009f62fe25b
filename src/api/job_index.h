// What the list of jobs has to know of every job of an owner: when it was made, what it is called,
// how it ended. Only a cache, so that a list over thousands of jobs does not read thousands of
// files each time.
//
// The life of an entry: read from metadata.json when a listing shows a folder that is not known;
// gone when the folder is, or when the job is deleted here. How a job ended is kept with the
// generation of its processing.json, and good as long as that is the same.
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

// Where a job stands in the list. Greater is newer.
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
  using Jobs = std::shared_ptr<const std::vector<ListedJob>>;  // shared with the calls that look

  // Every job of the owner, newest first. A folder without readable metadata is no job (yet).
  Result<Jobs> JobsOf(const ActionContext& actions, const std::string& owner);
  // The state of a job; what SessionBook::ReadStatus says when there is none.
  Result<SessionState> StateOf(const ActionContext& actions, const SessionKey& session);
  // The job is deleted: its id may come to stand for another one (Idempotency-Key).
  void Forget(const SessionKey& session);

 private:
  struct End {
    Generation generation = kAbsent;
    SessionState state = SessionState::kQueued;
  };
  struct Owner {
    std::vector<std::string> folders;  // of which `jobs` are all; {}: look again
    Jobs jobs = std::make_shared<const std::vector<ListedJob>>();
    std::unordered_map<std::string, End> ends;  // by session id
  };
  static constexpr size_t kMaxOwners = 200;

  std::mutex mutex_;
  RecentMap<Owner> owners_{kMaxOwners};  // by user hash
};

}  // namespace gnosis
