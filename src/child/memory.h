// Detects whether this process ran out of memory, whichever library requested it.
//
// Beyond RLIMIT_AS (PAGE_MEMORY) malloc fails, and every library reacts differently: poppler
// aborts, or reports a damaged document; codecs report a damaged image or leave a part white;
// Leptonica continues without the memory; C++ throws. None of them reports the cause, and some
// results look complete. So the allocations themselves are watched: this program's malloc is the C
// library's, and records every failure.
#pragma once

namespace gnosis {

// From here on, a failed allocation is recorded, and a crash that follows ends the process with
// kExitOutOfMemory. Other crashes are not affected. Call it once, in a child, before the seal.
void WatchMemory();
// Whether memory ran out since then. If so, results cannot be trusted. Always false in a program
// with a sanitizer, which has its own malloc.
bool MemoryRanOut();

}  // namespace gnosis
