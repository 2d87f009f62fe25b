// How much unfinished work one owner may have: jobs, and the pages of those jobs; and how many of
// the owner's bytes are kept.
//
// The life of a reservation: taken when an upload begins, it counts as a job from then on; its
// pages are added when the document has been opened; it ends with the upload, when the session's
// marker under unfinished/ takes its place or the upload has failed. A job counts with all its
// pages until it is final. The markers are authoritative: nothing needs to be reported when a job
// ends.
//
// The store is queried without the lock: if several uploads begin at the same moment, each sees the
// others' reservations.
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
  uint64_t max_bytes = 0;      // MAX_BYTES_PER_OWNER: of everything kept; 0 means no limit
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
  // kTooManyRequests names the limit and its setting.
  Result<std::unique_ptr<Reservation>> Reserve(const SessionKey& session);
  // Whether one more job with that many pages would be accepted. For work on an existing session.
  Status MayAddJob(const SessionKey& session, int pages);
  // Whether that many more bytes may be kept. Jobs and uploads are counted once a minute, and again
  // before a request is refused; pages of running jobs are added to the last count.
  Status MayKeep(const std::string& user_hash, uint64_t size_bytes);

 private:
  struct Load {
    int jobs = 0;
    int64_t pages = 0;
  };
  using Listed = std::map<SessionKey, std::optional<int>>;  // pages; nothing: not yet known
  struct Kept {
    uint64_t size_bytes = 0;
    Time counted_at{};
  };
  Result<uint64_t> CountKept(const std::string& user_hash, Milliseconds max_age);
  // Every session with a marker, from the store.
  Result<Listed> ListMarked(const std::string& user_hash);
  std::optional<int> PagesOf(const SessionKey& session);
  // Including reservations other than `own`. Needs the mutex.
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
