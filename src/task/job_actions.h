// What can be done to a session after admission: cancel, redo, delete, combine once more, recover,
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

// Enqueues the first tasks of a session with pending pages. Done once more it enqueues nothing, as
// long as nobody has begun: the names are the same. kUnavailable.
Status StartSession(const ActionContext& context, const SessionKey& session,
                    const std::string& user_email);
// What an admission that was cut short left undone: marker and tasks. Nothing when somebody has
// begun with the session.
Status CompleteAdmission(const ActionContext& context, const SessionKey& session,
                         const std::string& user_email);

// kConflict when it is final already. Workers see it at the next claim, publish or page.
Status CancelSession(const ActionContext& context, const SessionKey& session);

// Pages anew with other options; {} = the failed ones. A password is needed once more when the
// document has one. Errors of RedoPages; kUnavailable when the task could not be enqueued.
struct RedoRequest {
  std::vector<int> pages;
  PageOverride options;
  std::string password;
};
Status RedoSession(const ActionContext& context, const SessionKey& session,
                   const std::string& user_email, const RedoRequest& request);

// After ok nothing of it can be read by anybody (task/deletion.h). kNotFound: there is no such job.
// After any other error it is gone or not, and the sweeper goes on with it.
Status DeleteSession(const ActionContext& context, const SessionKey& session);

// Makes result.{format} if it is not there (a format that was not asked for at submission) and
// returns its key. kConflict while pages are missing; kUnsupportedFormat.
Result<std::string> EnsureResult(const ActionContext& context, const SessionKey& session,
                                 const std::string& format);

// Work is left and no lease lives: a new epoch and new tasks. True: something was enqueued.
// `idle` as in RecoverRecord.
Result<bool> RecoverSession(const ActionContext& context, const SessionKey& session, Leases leases,
                            Seconds idle = Seconds(0));

// For whoever asks for a session that is not final and has been still for `idle`. As
// RecoverSession, also when its marker is lost and nobody else would come back for it.
Result<bool> RecoverStalled(const ActionContext& context, const SessionKey& session,
                            const std::string& user_email, Seconds idle);

// Goes on with a session that nobody else is at work on, also one that came without its marker (a
// copied directory). Ok when it is final.
Status ResumeSession(const ActionContext& context, const SessionKey& session,
                     const std::string& user_email);

struct RecoveryReport {
  int unfinished = 0;  // markers seen
  int enqueued = 0;    // sessions given new tasks
  int cleaned = 0;     // markers without a session removed, and what lay there
};
// Every session that has a marker; start-up is recovery. A marker without a session is an upload
// under way, or one that a crash cut short: with kBreak surely the latter, else after a day. So is
// a session with an Idempotency-Key that does not stand for it: else after an hour.
Result<RecoveryReport> RecoverAll(const ActionContext& context, Leases leases,
                                  Seconds idle = Seconds(0));

// True: it was final and past its time, and is deleted; that it was there is remembered. kNotFound.
Result<bool> DeleteIfExpired(const ActionContext& context, const SessionKey& session);

struct SweepReport {
  int expired = 0;
  int removed = 0;  // deletions finished, and folders of no session
  int failed = 0;   // sessions that could not be deleted: the others are
};
// Finishes deletions that were interrupted. Deletes expired sessions (final ones only) and
// remembers for 30 days that they were there (410). Removes folders that belong to no session: no
// metadata.json, and no marker of an upload under way.
Result<SweepReport> Sweep(const ActionContext& context);
// For somebody who knows that no upload is under way: what deaths left of admissions is completed
// or goes. Every folder or marker without metadata.json goes; a session whose key has come to stand
// for another one goes; any other session is what its key stands for, and has its marker. Nothing
// is queued.
Result<int> SettleAdmissions(const ActionContext& context);
// Was deleted because it expired.
bool IsExpired(ObjectStore& store, const SessionKey& session);

}  // namespace gnosis
