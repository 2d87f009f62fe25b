// A PageReader over the pipe. Each document gets its own child from the launcher (page_template.h),
// prepared for the languages of the last page; a page in other languages gets a new child.
#pragma once

#include <memory>

#include "reader/page_process.h"
#include "reader/page_reader.h"
#include "wire/seal_report.h"

namespace gnosis {

// Starts no process until the first Open. The launcher must outlive the reader.
std::unique_ptr<PageReader> NewSealedReader(ChildOptions options, ChildLauncher& launcher);

// Starts a child, lets it seal itself and ends it again: reports how children are protected on this
// machine. The error says what is missing.
Result<SealReport> ProbeSeal(ChildLauncher& launcher, Milliseconds timeout);

}  // namespace gnosis
