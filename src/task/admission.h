// From untrusted bytes to a session with pending pages (ARCHITECTURE.md, "A page, step by step").
//
// The life of an upload: Start -> Append... -> Prepare -> (the document is opened, taking turns
// with those of other owners) -> Admit. What it leaves in the store, step by step:
//   the marker under unfinished/      from now on recovery finds what a crash leaves
//   original, secret                  no session yet: abandoned if there is only the marker
//   metadata.json                     the session exists; recovery completes the later steps,
//                                     with an Idempotency-Key once this upload cannot be running
//   processing.json
//   the submission names the session  (with an Idempotency-Key) one of several requests wins
//   tasks                             the same names if they are enqueued again
// Each upload writes into a folder of its own, whatever its key. An upload that is refused, loses,
// or is destroyed before Admit returned ok, removes what it wrote, unless its key may name it by
// then, because other requests may have been answered with it.
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
  std::optional<Seconds> session_ttl = Seconds{7 * 24 * 3600};  // nothing: kept forever
  std::optional<OwnerLimits> owner_limits;  // nothing: a single user's own machine
  ModelFolders models;
};

// What the caller specifies for the document; any of it may arrive after the bytes.
struct Submission {
  std::string file_name;
  JobOptions options;
  std::string password;  // "" = none
};

struct Admitted {
  SessionKey session;
  bool created = true;  // false: the idempotency key names an existing session
};

// The checks that need no document: languages installed, formats known. kMissingLanguage,
// kUnsupportedFormat, kInvalidArgument.
Status CheckJobOptions(const JobOptions& options, const ModelFolders& models);

class Upload {
 public:
  virtual ~Upload() = default;
  // kUnsupportedMediaType as soon as the first bytes show it; kTooLarge; kDiskFull.
  virtual Status Append(std::string_view bytes) = 0;
  // There are no more bytes: they are stored, and the document will be opened. `ready` is called
  // once, perhaps immediately, from any thread, when Admit will not wait; not after the upload is
  // destroyed, which ends the opening. Errors as for Admit.
  virtual Status Prepare(const Submission& submission, std::function<void()> ready) = 0;
  virtual bool prepared() const = 0;  // Admit will not wait
  // Also: kPasswordRequired, kDamaged, kNoPages; kIdempotencyKeyReused when the key was used for
  // other bytes or other options; kUnavailable when the task could not be enqueued (repeat the
  // request); kConflict when the job was deleted meanwhile; kTooManyRequests when the owner has too
  // many pages waiting. Prepares and waits, if that was not done.
  virtual Result<Admitted> Admit(const Submission& submission) = 0;
};

class Admission {
 public:
  virtual ~Admission() = default;
  // Without a key the session id is random. kTooManyRequests when the owner has too many jobs.
  virtual Result<std::unique_ptr<Upload>> Start(
      const std::string& user_email, const std::optional<std::string>& idempotency_key) = 0;
  // Whether this owner may keep that many more bytes, for something that becomes a job later: a
  // resumable upload. kTooManyRequests.
  virtual Status MayKeep(const std::string& user_email, uint64_t size_bytes) = 0;
  // Whether `pages` of a finished job ({} = those that were not processed) may be processed again.
  // kTooManyRequests.
  virtual Status MayReadAgain(const SessionKey& session, const std::vector<int>& pages) = 0;
  // Whether the job's document opens with `password` (kPasswordRequired), so that a wrong password
  // is reported before finished pages are discarded for ones that cannot be processed. nullptr: it
  // needs no password, and `done` is not called.
  virtual Result<std::unique_ptr<Inspection>> StartOpening(const SessionKey& session,
                                                           const std::string& password,
                                                           InspectionPool::Done done) = 0;
};

// `inspections` opens documents to count their pages; it outlives the admission and its uploads.
std::unique_ptr<Admission> NewAdmission(ActionContext context, InspectionPool& inspections,
                                        AdmissionOptions options);

}  // namespace gnosis
