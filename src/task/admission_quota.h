// How much unfinished work one owner may have: jobs, and the pages of those jobs; and how much of
// the owner's is kept.
//
// The life of a reservation: taken when an upload begins, it counts as a job from then on; its
// pages are added when the document was opened; it ends with the upload, when the session's marker
// under unfinished/ stands for it, or when nothing came of it. A job counts with all its pages
// until it is final. The markers are the truth: nothing has to be told when a job ends.
//
// The store is asked without the lock: of several uploads that begin at the same moment each sees
// the others' reservations.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "session/keys.h"
#include "session/object_store.h"
#include "task/session_book.h"

namespace gnosis {

struct OwnerLimits {
  int max_jobs = 1000;         // MAX_JOBS_PER_OWNER
  int64_t max_pages = 50'000;  // MAX_QUEUED_PAGES_PER_OWNER
  uint64_t max_bytes = 0;      // MAX_BYTES_PER_OWNER: of everything kept; 0 is no limit
};

class AdmissionQuota {
 public:
  class Reservation {
   public:
    Reservation(AdmissionQuota& quota, SessionKey session);
    ~Reservation();
    Reservation(const Reservation&) = delete;
    Reservation& operator=(const Reservation&) = delete;
    // kTooManyRequests.
    Status AddPages(int pages);

   private:
    friend class AdmissionQuota;
    AdmissionQuota& quota_;
    const SessionKey session_;
    int pages_ = 0;
  };

  AdmissionQuota(ObjectStore& store, SessionBook& book, Clock& clock, OwnerLimits limits);
  // kTooManyRequests names limit and setting.
  Result<std::unique_ptr<Reservation>> Reserve(const SessionKey& session);
  // Whether one more job of so many pages would be let in. For work on a session that is there
  // already.
  Status MayAddJob(const SessionKey& session, int pages);
  // Whether so many bytes more may be kept. Jobs and uploads are counted once a minute, and anew
  // before anybody is refused; pages of running jobs come on top of what was counted.
  Status MayKeep(const std::string& user_hash, uint64_t size_bytes);

 private:
  struct Load {
    int jobs = 0;
    int64_t pages = 0;
  };
  using Listed = std::map<SessionKey, std::optional<int>>;  // pages; nothing: not known yet
  struct Kept {
    uint64_t size_bytes = 0;
    Time counted_at{};
  };
  Result<uint64_t> CountKept(const std::string& user_hash, Milliseconds max_age);
  // Every session with a marker, asked of the store.
  Result<Listed> ListMarked(const std::string& user_hash);
  std::optional<int> PagesOf(const SessionKey& session);
  // With the reservations of others than `own`. Wants the mutex.
  Load LoadOf(const std::string& user_hash, const Listed& listed, const Reservation* own) const;
  Status CheckJobs(const Load& load) const;
  Status CheckPages(const Load& load, int pages) const;

  ObjectStore& store_;
  SessionBook& book_;
  Clock& clock_;
  const OwnerLimits limits_;
  std::mutex mutex_;
  std::set<const Reservation*> reservations_;
  Listed pages_;                      // of unfinished sessions; read once
  std::map<std::string, Kept> kept_;  // by user hash
};

}  // namespace gnosis
