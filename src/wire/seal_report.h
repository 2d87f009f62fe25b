// The layers that seal a page child: reported by the child after sealing itself, before it looks at
// the first byte of a document.
#pragma once

#include <cstdint>
#include <string>

namespace gnosis {

struct SealReport {
  bool seccomp = false;       // a short list of system calls; any other kills
  bool no_new_privs = false;  // and not dumpable, no core file
  bool limits = false;        // address space, processor time, files, processes
  int landlock_abi = 0;       // 0: this kernel has no Landlock; the other layers suffice without it
  bool no_capabilities = false;
  uint32_t user_id = 0;  // 0 only if root cannot switch to another user
  bool operator==(const SealReport&) const = default;
};

// All required layers; Landlock and a user other than root are optional.
bool IsSealed(const SealReport& report);
// "seccomp, no_new_privs, limits, no capabilities, user 65534, Landlock ABI 6".
std::string DescribeSeal(const SealReport& report);

}  // namespace gnosis
