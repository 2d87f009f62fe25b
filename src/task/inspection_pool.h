// Opens documents to count their pages: a few at a time, owners in turn (owner_turns.h), so that an
// owner whose documents take long to open delays nobody else.
//
// The life of an inspection: started, it waits for a reader; then its document is opened, for as
// long as OPEN_TIMEOUT allows; then `done` is called with the outcome. Destroying the inspection
// ends it at any time: a document that nobody is waiting for is not opened further.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "page/page_request.h"
#include "reader/page_reader.h"

namespace gnosis {

// Once destroyed, its `done` is not called any more: if it is waiting it is removed, if it is being
// opened it is interrupted. The destructor waits for a `done` that is being called, unless it runs
// inside that call; so do not destroy it under a lock that `done` takes. May outlive the pool.
class Inspection {
 public:
  virtual ~Inspection() = default;
};

class InspectionPool {
 public:
  virtual ~InspectionPool() = default;
  // Called once, from a thread of the pool, perhaps before Start has returned; must not block.
  using Done = std::function<void(Result<DocumentInfo>)>;
  // Errors, here or later: kTooManyRequests (here: too many documents of this owner are already
  // waiting), kInterrupted (the pool was stopped); and those of PageReader::Open.
  virtual Result<std::unique_ptr<Inspection>> Start(const std::string& owner,
                                                    FileDescriptor document, std::string password,
                                                    Done done) = 0;
  // Waits for what `done` would be called with. Not to be called from a `done`.
  Result<DocumentInfo> Inspect(const std::string& owner, FileDescriptor document,
                               std::string password);
  // For the end of the process: documents being opened or waiting end with kInterrupted, soon but
  // not necessarily before this returns, and no new ones are started.
  virtual void Stop() = 0;
};

struct InspectionOptions {
  int max_waiting_per_owner = 100;
};

// Each reader opens one document at a time. If there is more than one reader, one owner's documents
// never occupy all of them.
std::unique_ptr<InspectionPool> NewInspectionPool(std::vector<std::unique_ptr<PageReader>> readers,
                                                  InspectionOptions options);

}  // namespace gnosis
