// The state of one page at one moment under the rules. Only for the sources of rules.h.
#pragma once

#include "session/processing.h"

namespace gnosis {

// A live lease: a worker may be processing the page.
inline bool IsLeased(const PageEntry& entry, Time now) {
  return entry.status == PageStatus::kProcessing && entry.lease_expires_at > now;
}

inline void DropLease(PageEntry& entry) {
  entry.owner.clear();
  entry.lease_expires_at.reset();
}

// No worker is processing it any more and it has no result.
inline void ReturnToPending(PageEntry& entry) {
  entry.status = PageStatus::kPending;
  entry.started_at.reset();
  DropLease(entry);
}

}  // namespace gnosis
