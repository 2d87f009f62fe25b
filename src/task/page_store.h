// Writes a page worker's output as the four files of a page, in the order that makes the result
// file the proof of work: image, preview and text first, page_NNN_result.json last and only once.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "page/page_request.h"
#include "page/page_result.h"
#include "session/keys.h"
#include "session/metadata.h"
#include "session/object_store.h"
#include "session/rules.h"

namespace gnosis {

// A page about to be processed: its edition, and the generation of the result it replaces (kAbsent
// unless it is a redo), looked up before the work begins so that a stale worker loses.
struct PageSlot {
  int page = 0;
  int edition = 0;
  std::shared_ptr<const Metadata> metadata;  // shared, as the session book returns it
  Generation replaces = kAbsent;
};
Result<PageSlot> OpenPageSlot(ObjectStore& store, const SessionKey& session,
                              std::shared_ptr<const Metadata> metadata, int page, int edition);

// What the store has for the page afterwards, whichever process wrote it.
struct StoredPage {
  PageOutcome outcome;
  bool created = false;  // false: another process's result was first
};
Result<StoredPage> StorePage(ObjectStore& store, const SessionKey& session, const PageSlot& slot,
                             PageArtefacts artefacts, Time now);
// The result of a page that cannot be processed.
Result<StoredPage> StoreFailure(ObjectStore& store, const SessionKey& session, const PageSlot& slot,
                                const Error& error, Time now);

}  // namespace gnosis
