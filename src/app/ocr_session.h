// A document of the command line as a session: begun, or gone on with where an earlier run of the
// same command stopped. Its locks are held for as long as it is worked on.
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
  std::optional<FolderLock> lock;  // with it every lease found inside is dead
};

class SessionOpener {
 public:
  SessionOpener(Home& home, const OcrArguments& arguments);

  // Asked when the document is known and nothing of it has been read or queued: what an earlier run
  // left of its session, and whether it is to be read. kSkip: there is nothing left to do.
  enum class Earlier { kNothing, kUnfinished, kFinal };
  enum class Decision { kRead, kSkip };
  using Decide = std::function<Result<Decision>(const std::string& document, Earlier)>;

  // Queued when this returns; nothing when it was decided to skip it. While it is being read
  // already, perhaps by this process, that is waited for; an error of `keep_waiting` ends it. What
  // is wrong with the file itself is kNotFound, kDamaged or one of admission's errors about
  // documents.
  Result<std::optional<HeldSession>> Open(const std::filesystem::path& file, const Decide& decide,
                                          const KeepWaiting& keep_waiting);
  // For those that do not wait. kUnavailable.
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

// Lock files of documents that a crash left. Only for somebody who holds the root alone.
void RemoveDocumentLocks(const std::filesystem::path& root);

}  // namespace gnosis
