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

// Enqueues the first tasks of a session with pending pages. kUnavailable.
Status StartSession(const ActionContext& context, const SessionKey& session,
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

// Every artefact, the marker last. Ok when it is gone already.
Status DeleteSession(const ActionContext& context, const SessionKey& session);

// Makes result.{format} if it is not there (a format that was not asked for at submission) and
// returns its key. kConflict while pages are missing; kUnsupportedFormat.
Result<std::string> EnsureResult(const ActionContext& context, const SessionKey& session,
                                 const std::string& format);

// Work is left and no lease lives: a new epoch and new tasks. True: something was enqueued.
// `idle` as in RecoverRecord.
Result<bool> RecoverSession(const ActionContext& context, const SessionKey& session, Leases leases,
                            Seconds idle = Seconds(0));

// Goes on with a session that nobody else is at work on, also one that came without its marker (a
// copied directory). Ok when it is final.
Status ResumeSession(const ActionContext& context, const SessionKey& session,
                     const std::string& user_email);

struct RecoveryReport {
  int unfinished = 0;  // markers seen
  int enqueued = 0;    // sessions given new tasks
  int cleaned = 0;     // markers of deleted sessions removed
};
// Every session that has a marker; start-up is recovery.
Result<RecoveryReport> RecoverAll(const ActionContext& context, Leases leases,
                                  Seconds idle = Seconds(0));

struct SweepReport {
  int expired = 0;
};
// Deletes expired sessions (final ones only) and remembers for 30 days that they were there (410).
Result<SweepReport> Sweep(const ActionContext& context);
// Deletes folders without metadata.json: uploads that a crash cut short. Only for somebody who
// knows that no upload is under way.
Result<int> RemoveAbandonedUploads(const ActionContext& context);
// Was deleted because it expired.
bool IsExpired(ObjectStore& store, const SessionKey& session);

}  // namespace gnosis
