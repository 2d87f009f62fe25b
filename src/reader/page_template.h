// The parent's side of a template (child/template_server.h), from which page children are forked.
//
// Lifecycle: started when the first child is requested; restarted if it died, and after
// ChildOptions::max_forks children, because all of them share one memory layout, so that learning
// it from one child reveals it for the others. The next template is prepared while the current one
// still forks, and the current one ends with its last child. When the object is destroyed, all
// templates and their children end. If this process dies, the template sees its socket close and
// ends, too.
#pragma once

#include <memory>

#include "reader/page_process.h"
#include "reader/page_reader.h"

namespace gnosis {

// Runs `options.program`. Safe in a multithreaded program: posix_spawn, no code between fork and
// exec. The template inherits standard error and nothing else, and an environment of three
// variables. Thread-safe; shared by all readers, and must outlive them.
std::unique_ptr<ChildLauncher> NewPageTemplate(ChildOptions options);

}  // namespace gnosis
