// The parent's side of a template (child_template.h), from which page children are forked.
//
// The life of a template: started when the first child is asked for; started anew when
// it died; ended, and every child with it, when the object ends. If this process dies the template
// sees its socket hang up and ends, too.
#pragma once

#include <memory>

#include "page/page_process.h"
#include "page/page_reader.h"

namespace gnosis {

// Runs `options.program`. Safe in a program with threads: posix_spawn, no code between fork and
// exec. The template inherits standard error and nothing else, and an environment of three
// variables. Thread-safe; shared by all readers, which it outlives.
std::unique_ptr<ChildLauncher> NewPageTemplate(ChildOptions options);

}  // namespace gnosis
