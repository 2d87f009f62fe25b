// The parent's side of a template (child/template_server.h), from which page children are forked.
//
// The life of a template: started when the first child is asked for; started anew when it died, and
// after ChildOptions::max_forks children, as all of them share one layout of memory, which whoever
// learns it from one child knows for the others. The next one gets ready while this one still
// forks, and this one ends with the last of its children. All end, and every child with them, when
// the object ends. If this process dies the template sees its socket hang up and ends, too.
#pragma once

#include <memory>

#include "reader/page_process.h"
#include "reader/page_reader.h"

namespace gnosis {

// Runs `options.program`. Safe in a program with threads: posix_spawn, no code between fork and
// exec. The template inherits standard error and nothing else, and an environment of three
// variables. Thread-safe; shared by all readers, which it outlives.
std::unique_ptr<ChildLauncher> NewPageTemplate(ChildOptions options);

}  // namespace gnosis
