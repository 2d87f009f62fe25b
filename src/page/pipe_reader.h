// A PageReader over the pipe, with the process creation left open: NewChildPageReader
// (page_reader.h) is this one with ProgramLauncher.
#pragma once

#include <memory>

#include "page/page_process.h"
#include "page/page_reader.h"

namespace gnosis {

std::unique_ptr<PageReader> NewPipeReader(ChildOptions options, ChildLauncher launch);

}  // namespace gnosis
