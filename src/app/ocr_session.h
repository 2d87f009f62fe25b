// A document of the command line as a session: begun, or gone on with where an earlier run of the
// same command stopped. Its lock is held for as long as it is worked on.
#pragma once

#include <filesystem>
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
  std::optional<FolderLock> lock;  // with it every lease found inside is dead
};

class SessionOpener {
 public:
  SessionOpener(Home& home, const OcrArguments& arguments);
  // Queued when this returns. kUnavailable: it is being read already, perhaps by this process.
  Result<HeldSession> Open(const std::filesystem::path& file);

 private:
  std::string DescribeOptions() const;
  Result<HeldSession> Begin(const std::filesystem::path& file, const FileDescriptor& input,
                            const std::string& idempotency_key);
  Status Forget(const std::string& idempotency_key);
  Result<HeldSession> Hold(const SessionKey& session);
  Status GoOn(const SessionKey& session, const std::string& user);

  Home& home_;
  const OcrArguments& arguments_;
};

}  // namespace gnosis
