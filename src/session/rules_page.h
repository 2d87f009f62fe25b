// What the rules say about one page at one moment. For the sources of rules.h only.
#pragma once

#include "session/processing.h"

namespace gnosis {

// A live lease: somebody may be at work on the page.
inline bool IsLeased(const PageEntry& entry, Time now) {
  return entry.status == PageStatus::kProcessing && entry.lease_expires_at > now;
}

inline void DropLease(PageEntry& entry) {
  entry.owner.clear();
  entry.lease_expires_at.reset();
}

// Nobody is at work on it any more and nothing came of it.
inline void ReturnToPending(PageEntry& entry) {
  entry.status = PageStatus::kPending;
  entry.started_at.reset();
  DropLease(entry);
}

}  // namespace gnosis
