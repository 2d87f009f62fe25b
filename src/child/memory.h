// Whether this process ran out of memory, however a library took it.
//
// Beyond RLIMIT_AS (PAGE_MEMORY) malloc gives nothing, and everybody does something else about it:
// poppler aborts, or says that the document is damaged; codecs call the image damaged or leave a
// part white; Leptonica goes on without what it wanted; C++ throws. None of them says what
// happened, and some results look whole. So the allocations themselves are watched: this program's
// malloc is the C library's, with a note when it gave nothing.
#pragma once

namespace gnosis {

// From here on, memory that ran out is noted, and a crash that follows from it ends the process
// with kExitOutOfMemory. Any other crash is seen as what it is. Call it once, in a child, before
// the seal.
void WatchMemory();
// Whether it ran out since. What came out then is not to be believed. Always false in a program
// with a sanitizer, which has a malloc of its own.
bool MemoryRanOut();

}  // namespace gnosis
