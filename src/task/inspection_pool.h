// Opens documents to count their pages: a few at a time, owners in turn (owner_turns.h), so that
// whoever sends documents that take long to open holds up nobody but himself.
//
// The life of an inspection: started, it waits for a reader; then its document is opened, for as
// long as OPEN_TIMEOUT allows; then `done` hears what came of it. Its end in the hands of who
// started it ends it at any time: nobody goes on opening what nobody waits for.
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

// Destroyed, its `done` is not called any more: one that waits is taken out, one that is being
// opened is interrupted. Destroying it waits for a `done` that is being called, unless it is done
// from there; so not under a lock that `done` wants. May outlive the pool.
class Inspection {
 public:
  virtual ~Inspection() = default;
};

class InspectionPool {
 public:
  virtual ~InspectionPool() = default;
  // Called once, from a thread of the pool, perhaps before Start has returned; must not block.
  using Done = std::function<void(Result<DocumentInfo>)>;
  // Errors, here or later: kTooManyRequests (here: too many documents of this owner wait already),
  // kInterrupted (the pool was stopped); and those of PageReader::Open.
  virtual Result<std::unique_ptr<Inspection>> Start(const std::string& owner,
                                                    FileDescriptor document, std::string password,
                                                    Done done) = 0;
  // Waits for what `done` would be told. Not from a `done`.
  Result<DocumentInfo> Inspect(const std::string& owner, FileDescriptor document,
                               std::string password);
  // For the end of the process: what is being opened or waits ends with kInterrupted, soon but not
  // when this returns, and nothing is begun any more.
  virtual void Stop() = 0;
};

struct InspectionOptions {
  int max_waiting_per_owner = 100;
};

// One document at a time and reader. When there is more than one reader, the documents of one owner
// never hold all of them.
std::unique_ptr<InspectionPool> NewInspectionPool(std::vector<std::unique_ptr<PageReader>> readers,
                                                  InspectionOptions options);

}  // namespace gnosis
