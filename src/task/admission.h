// From untrusted bytes to a session with pending pages (ARCHITECTURE.md, "A page, step by step").
//
// The life of an upload: Start -> Append... -> Prepare -> (the document is opened, in turn with
// those of other owners) -> Admit. What it leaves in the store, step by step:
//   the marker under unfinished/      from now on whoever recovers finds what a crash leaves
//   original, secret                  still no session: abandoned if the marker stands alone
//   metadata.json                     the session exists; recovery completes whatever comes after,
//                                     with an Idempotency-Key when this upload cannot be at it
//   processing.json
//   the submission names the session  (with an Idempotency-Key) of several requests one wins
//   tasks                             the same names when they are queued once more
// Each upload writes into a folder of its own, whatever its key. One that is refused, loses, or is
// destroyed before Admit returned ok, removes what it wrote; unless its key may stand for it by
// then, because others may have been answered with it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "languages/languages.h"
#include "session/keys.h"
#include "session/metadata.h"
#include "session/object_store.h"
#include "task/admission_quota.h"
#include "task/inspection_pool.h"
#include "task/job_actions.h"

namespace gnosis {

struct AdmissionOptions {
  uint64_t max_upload_bytes = 500'000'000;                      // MAX_UPLOAD_BYTES
  int batch_size = 10;                                          // OCR_BATCH_SIZE
  std::optional<Seconds> session_ttl = Seconds{7 * 24 * 3600};  // nothing: kept for ever
  std::optional<OwnerLimits> owner_limits;                      // nothing: one person's own machine
  ModelFolders models;
};

// What the caller says about the document; any of it may come after the bytes.
struct Submission {
  std::string file_name;
  JobOptions options;
  std::string password;  // "" = none
};

struct Admitted {
  SessionKey session;
  bool created = true;  // false: the idempotency key named a session that is there already
};

// The checks that need no document: languages installed, formats known. kMissingLanguage,
// kUnsupportedFormat, kInvalidArgument.
Status CheckJobOptions(const JobOptions& options, const ModelFolders& models);

class Upload {
 public:
  virtual ~Upload() = default;
  // kUnsupportedMediaType as soon as the first bytes tell; kTooLarge; kDiskFull.
  virtual Status Append(std::string_view bytes) = 0;
  // There are no more bytes: they are stored, and the document is going to be opened. `ready` is
  // called once, perhaps at once, from some thread, when Admit will not wait; not after the upload
  // was destroyed, which ends the opening. Errors as Admit.
  virtual Status Prepare(const Submission& submission, std::function<void()> ready) = 0;
  virtual bool prepared() const = 0;  // Admit will not wait
  // Also: kPasswordRequired, kDamaged, kNoPages; kIdempotencyKeyReused when the key was used
  // for other bytes or other options; kUnavailable when the task could not be enqueued (repeat the
  // request); kConflict when the job was deleted meanwhile; kTooManyRequests when the owner has too
  // many pages waiting. Prepares and waits, if nobody did.
  virtual Result<Admitted> Admit(const Submission& submission) = 0;
};

class Admission {
 public:
  virtual ~Admission() = default;
  // Without a key a random session id is made. kTooManyRequests when the owner has too many jobs.
  virtual Result<std::unique_ptr<Upload>> Start(
      const std::string& user_email, const std::optional<std::string>& idempotency_key) = 0;
  // Whether so many bytes more of this owner's may be kept, for what becomes a job later: a
  // resumable upload. kTooManyRequests.
  virtual Status MayKeep(const std::string& user_email, uint64_t size_bytes) = 0;
  // Whether `pages` of a job that is finished ({} = those that were not read) may be
  // read again. kTooManyRequests.
  virtual Status MayReadAgain(const SessionKey& session, const std::vector<int>& pages) = 0;
  // Whether the job's document opens with `password` (kPasswordRequired), so that this is said
  // before pages that were read are given up for ones that cannot be. nullptr: it needs no
  // password, and `done` is not called.
  virtual Result<std::unique_ptr<Inspection>> StartOpening(const SessionKey& session,
                                                           const std::string& password,
                                                           InspectionPool::Done done) = 0;
};

// `inspections` opens documents to count their pages; it outlives the admission and its uploads.
std::unique_ptr<Admission> NewAdmission(ActionContext context, InspectionPool& inspections,
                                        AdmissionOptions options);

}  // namespace gnosis
