// What can be done to a session after admission: cancel, redo, delete, combine again, recover,
// sweep.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "session/keys.h"
#include "session/object_store.h"
#include "session/rules.h"
#include "task/session_book.h"
#include "task/task_queue.h"

namespace gnosis {

struct ActionContext {
  ObjectStore& store;
  TaskQueue& queue;
  SessionBook& book;
  Clock& clock;
  int chains = 1;               // OCR_CHAINS: tasks enqueued per session
  std::string program_version;  // named in the results
};

// Enqueues the first tasks of a session with pending pages. Repeating it enqueues nothing as long
// as no worker has started: the names are the same. kUnavailable.
Status StartSession(const ActionContext& context, const SessionKey& session,
                    const std::string& user_email);
// Completes an interrupted admission: marker and tasks. Does nothing if a worker has started on the
// session.
Status CompleteAdmission(const ActionContext& context, const SessionKey& session,
                         const std::string& user_email);

// kConflict when it is already final. Workers see it at the next claim, publish or page.
Status CancelSession(const ActionContext& context, const SessionKey& session);

// Processes pages again with other options; {} = the failed ones. If the document has a password it
// must be given again. Errors of RedoPages; kUnavailable when the task could not be enqueued.
struct RedoRequest {
  std::vector<int> pages;
  PageOverride options;
  std::string password;
};
Status RedoSession(const ActionContext& context, const SessionKey& session,
                   const std::string& user_email, const RedoRequest& request);

// After ok nobody can read any of it (task/deletion.h). kNotFound: there is no such job. After any
// other error it may or may not be gone, and the sweeper continues the deletion.
Status DeleteSession(const ActionContext& context, const SessionKey& session);

// Makes result.{format} if it does not exist (a format that was not requested at submission) and
// returns its key. kConflict while pages are missing; kUnsupportedFormat.
Result<std::string> EnsureResult(const ActionContext& context, const SessionKey& session,
                                 const std::string& format);

// If work is left and no lease is live: a new epoch and new tasks. True: something was enqueued.
// `idle` as in RecoverRecord.
Result<bool> RecoverSession(const ActionContext& context, const SessionKey& session, Leases leases,
                            Seconds idle = Seconds(0));

// For requests about a session that is not final and has been idle for `idle`. As RecoverSession,
// but also when its marker is lost, so that nothing else would resume it.
Result<bool> RecoverStalled(const ActionContext& context, const SessionKey& session,
                            const std::string& user_email, Seconds idle);

// Resumes a session that no other process is working on, even one without a marker (a copied
// directory). Ok when it is final.
Status ResumeSession(const ActionContext& context, const SessionKey& session,
                     const std::string& user_email);

struct RecoveryReport {
  int unfinished = 0;  // markers seen
  int enqueued = 0;    // sessions given new tasks
  int cleaned = 0;     // markers without a session, removed with their files
};
// Recovers every session that has a marker; this runs at start-up. A marker without a session is an
// upload in progress, or one that a crash interrupted: the latter with kBreak, otherwise after a
// day. The same goes for a session whose Idempotency-Key does not name it: otherwise after an hour.
Result<RecoveryReport> RecoverAll(const ActionContext& context, Leases leases,
                                  Seconds idle = Seconds(0));

// True: it was final and expired, and has been deleted; that it existed is remembered. kNotFound.
Result<bool> DeleteIfExpired(const ActionContext& context, const SessionKey& session);

struct SweepReport {
  int expired = 0;
  int removed = 0;  // deletions finished, and folders of no session
  int failed = 0;   // sessions that could not be deleted; the others were
};
// Finishes deletions that were interrupted. Deletes expired sessions (final ones only) and
// remembers for 30 days that they existed (410). Removes folders that belong to no session: no
// metadata.json, and no marker of an upload in progress.
Result<SweepReport> Sweep(const ActionContext& context);
// To be called only when no upload is in progress: admissions that crashes interrupted are
// completed or removed. Every folder or marker without metadata.json is removed, and so is a
// session whose key now names another one; every other session gets its key and its marker. Nothing
// is enqueued.
Result<int> SettleAdmissions(const ActionContext& context);
// Whether it was deleted because it expired.
bool IsExpired(ObjectStore& store, const SessionKey& session);

}  // namespace gnosis
