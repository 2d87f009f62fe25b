// Starting the program gnosis-ocr-page, as a template (page_template.h).
#pragma once

#include <sys/types.h>

#include "base/file.h"
#include "base/result.h"
#include "reader/page_reader.h"

namespace gnosis {

// A child of this process, leader of a group of its own, with `socket` as kTemplateSocket.
Result<pid_t> SpawnPageProgram(const ChildOptions& options, const FileDescriptor& socket);

}  // namespace gnosis
