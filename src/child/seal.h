// How a page child closes itself in, for good, after it received its document and before it looks
// at the first byte of it (docs/security.md).
//
// The order: standard error goes nowhere (a child could write lies into the log); resource limits;
// another user than root, no capabilities; no_new_privs, not dumpable; Landlock where the kernel
// has it; last seccomp, after which nothing of all this can be undone. Seccomp and the limits alone
// must hold: gVisor has no Landlock. A step that fails leaves the child unusable: it must not go
// on.
//
// Nothing is created after the seal: the arena is mapped before, so that neither memfd_create nor
// shared mappings are allowed; there is one thread, so that neither clone nor waiting for a futex
// is.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "child/file_table.h"
#include "wire/seal_report.h"

namespace gnosis {

struct SealOptions {
  uint64_t max_address_space_bytes = 0;
  uint64_t max_cpu_seconds = 0;  // of the child's whole life; the parent counts them per page
};

// Must be called by the only thread of the process. The error says which layer is missing.
Result<SealReport> SealProcess(const SealOptions& options, FileTable& files);

// The layers by themselves, in their order.
Status LimitResources(const SealOptions& options, int max_descriptors);
// Who the process is from now on. Root becomes nobody, where it may and that user exists.
Result<uint32_t> DropPrivileges();
Status GiveUpPrivileges();
// The ABI in force (0: the kernel has none): no file can be opened, made or removed, no TCP port
// bound or connected, no process outside signalled. What is open stays usable.
Result<int> RestrictWithLandlock();
// The list is in child_seccomp.cc, with a reason for each call.
Status ForbidSystemCalls();

}  // namespace gnosis
