// How a page child seals itself irreversibly, after receiving its document and before looking at
// the first byte of it (docs/security.md).
//
// The order: standard error is discarded (a child could write false messages into the log);
// resource limits; a user other than root, no capabilities; no_new_privs, not dumpable; Landlock if
// the kernel supports it; finally seccomp, after which none of this can be undone. Seccomp and the
// limits must suffice on their own: gVisor has no Landlock. If a step fails, the child must not
// continue.
//
// Nothing is created after the seal: the arena is mapped before, so neither memfd_create nor shared
// mappings are allowed; there is one thread, so neither clone nor waiting for a futex is.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "child/file_table.h"
#include "wire/seal_report.h"

namespace gnosis {

struct SealOptions {
  uint64_t max_address_space_bytes = 0;
  uint64_t max_cpu_seconds = 0;  // over the child's whole life; the parent counts per page
};

// Must be called by the only thread of the process. The error names the missing layer.
Result<SealReport> SealProcess(const SealOptions& options, FileTable& files);

// The individual layers, in order.
Status LimitResources(const SealOptions& options, int max_descriptors);
// Returns the user of the process from now on. Root becomes nobody, if permitted and that user
// exists.
Result<uint32_t> DropPrivileges();
Status GiveUpPrivileges();
// The ABI in force (0: the kernel has none): no file can be opened, created or removed, no TCP port
// bound or connected, no other process signalled. Open files remain usable.
Result<int> RestrictWithLandlock();
// The list is in seccomp.cc, with a reason for each call.
Status ForbidSystemCalls();

}  // namespace gnosis
