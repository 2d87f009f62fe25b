// How much unfinished work one owner may have: jobs, and the pages of those jobs.
//
// The life of a reservation: taken when an upload begins, it counts as a job from then on; its
// pages are added when the document was opened; it ends with the upload, when the session's marker
// under unfinished/ stands for it, or when nothing came of it. A job counts with all its pages
// until it is final. The markers are the truth: nothing has to be told when a job ends.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "base/result.h"
#include "session/keys.h"
#include "session/object_store.h"
#include "task/session_book.h"

namespace gnosis {

struct OwnerLimits {
  int max_jobs = 1000;         // MAX_JOBS_PER_OWNER
  int64_t max_pages = 50'000;  // MAX_QUEUED_PAGES_PER_OWNER
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

  AdmissionQuota(ObjectStore& store, SessionBook& book, OwnerLimits limits);
  // kTooManyRequests names limit and setting.
  Result<std::unique_ptr<Reservation>> Reserve(const SessionKey& session);
  // Whether one more job would be let in. For work on a session that is there already.
  Status MayAddJob(const std::string& user_hash);

 private:
  struct Load {
    int jobs = 0;
    int64_t pages = 0;
  };
  // These want the mutex.
  Result<Load> LoadOf(const std::string& user_hash);
  int PagesOf(const SessionKey& session);
  Status CheckJobs(const Load& load) const;

  ObjectStore& store_;
  SessionBook& book_;
  const OwnerLimits limits_;
  std::mutex mutex_;
  std::set<const Reservation*> reservations_;
  std::map<SessionKey, int> pages_;  // of unfinished sessions; read once
};

}  // namespace gnosis
