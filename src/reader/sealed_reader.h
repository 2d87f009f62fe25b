// A PageReader over the pipe. Each document gets a child of its own from the launcher
// (page_template.h), ready for the languages of the page read last; a page in others gets a new
// one.
#pragma once

#include <memory>

#include "reader/page_process.h"
#include "reader/page_reader.h"
#include "wire/seal_report.h"

namespace gnosis {

// Starts no process until the first Open. The launcher must outlive the reader.
std::unique_ptr<PageReader> NewSealedReader(ChildOptions options, ChildLauncher& launcher);

// Starts a child, lets it seal itself and ends it again: what protects this machine's children. The
// error says what is missing.
Result<SealReport> ProbeSeal(ChildLauncher& launcher, Milliseconds timeout);

}  // namespace gnosis
