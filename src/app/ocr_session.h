// A document on the command line as a session: new, or resumed where an earlier run of the same
// command stopped. Its locks are held while it is being processed.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "app/command_ocr.h"
#include "app/folder_lock.h"
#include "app/home.h"
#include "base/file.h"
#include "base/result.h"
#include "session/keys.h"

namespace gnosis {

struct HeldSession {
  SessionKey key;
  std::string document;            // SessionOpener::DocumentOf
  std::optional<NameLock> name;    // no other `ocr` has this document with these options
  std::optional<FolderLock> lock;  // with it, all leases in the session are dead
};

class SessionOpener {
 public:
  SessionOpener(Home& home, const OcrArguments& arguments);

  // Called when the document is known, before anything is processed or queued: decides by the state
  // of an earlier run's session whether to process it. kSkip: there is nothing left to do.
  enum class Earlier { kNothing, kUnfinished, kFinal };
  enum class Decision { kRead, kSkip };
  using Decide = std::function<Result<Decision>(const std::string& document, Earlier)>;

  // After this the document is queued; nothing if it was skipped. If it is already being processed,
  // perhaps by this process, waits for that; an error of `keep_waiting` ends the waiting. Errors
  // about the file itself are kNotFound, kDamaged or one of admission's errors about documents.
  Result<std::optional<HeldSession>> Open(const std::filesystem::path& file, const Decide& decide,
                                          const KeepWaiting& keep_waiting);
  // For callers that do not wait. kUnavailable.
  static Error AtWorkAlready();

 private:
  std::string DocumentOf(const std::filesystem::path& file, const std::string& sha256) const;
  std::string DescribeOutputs() const;
  Result<NameLock> LockName(const std::string& idempotency_key, const KeepWaiting& keep_waiting);
  Result<std::optional<SessionKey>> FindEarlier(const std::string& idempotency_key);
  Result<Earlier> StateOf(const std::optional<SessionKey>& session);
  Result<SessionKey> Begin(const std::filesystem::path& file, const FileDescriptor& input,
                           const std::string& sha256, const std::string& idempotency_key);
  Result<FolderLock> Hold(const SessionKey& session, const KeepWaiting& keep_waiting);
  Status GoOn(const SessionKey& session);
  Status Forget(const SessionKey& session, const KeepWaiting& keep_waiting);

  Home& home_;
  const OcrArguments& arguments_;
};

// Removes lock files of documents left by a crash. Only with the root held exclusively.
void RemoveDocumentLocks(const std::filesystem::path& root);

}  // namespace gnosis
