// Which layers close a page child in: what it says of itself after it sealed itself, before it
// looks at the first byte of a document.
#pragma once

#include <cstdint>
#include <string>

namespace gnosis {

struct SealReport {
  bool seccomp = false;       // a short list of system calls; any other kills
  bool no_new_privs = false;  // and not dumpable, no core file
  bool limits = false;        // address space, processor time, files, processes
  int landlock_abi = 0;       // 0: this kernel has no Landlock; the others hold without it
  bool no_capabilities = false;
  uint32_t user_id = 0;  // 0 only where root may not become somebody else
  bool operator==(const SealReport&) const = default;
};

// All layers; Landlock and another user than root are a bonus.
bool IsSealed(const SealReport& report);
// "seccomp, no_new_privs, limits, no capabilities, user 65534, Landlock ABI 6".
std::string DescribeSeal(const SealReport& report);

}  // namespace gnosis
