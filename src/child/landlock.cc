// Landlock: no access to the file system, no TCP, no signals to other processes (seal.h). Constants
// and structures from the kernel's Documentation/userspace-api/landlock.rst, defined here because
// the build machine's headers may be older than the kernel the program runs on.
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>

#include "child/seal.h"

namespace gnosis {
namespace {

constexpr unsigned kAskForVersion = 1;
constexpr uint64_t kBindAndConnectTcp = 3;
constexpr uint64_t kSocketsAndSignals = 3;

// Whatever is handled and not explicitly allowed is denied.
struct Ruleset {
  uint64_t handled_files = 0;
  uint64_t handled_network = 0;  // since ABI 4
  uint64_t scoped = 0;           // since ABI 6
};

// Execute, write, read and list, remove (2), create (7); then linking, truncating, device commands.
uint64_t FileAccesses(int abi) {
  int bits = 13;
  if (abi >= 2) ++bits;
  if (abi >= 3) ++bits;
  if (abi >= 5) ++bits;
  return (uint64_t{1} << bits) - 1;
}

size_t RulesetBytes(int abi) {
  if (abi >= 6) return sizeof(Ruleset);
  return abi >= 4 ? 2 * sizeof(uint64_t) : sizeof(uint64_t);
}

}  // namespace

Result<int> RestrictWithLandlock() {
  const long version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, kAskForVersion);
  if (version < 0) {
    if (errno == ENOSYS || errno == EOPNOTSUPP) return 0;  // not built in, or disabled
    return ErrnoError(errno, "Landlock");
  }
  const int abi = int(version);
  const Ruleset ruleset{FileAccesses(abi), kBindAndConnectTcp, kSocketsAndSignals};
  const FileDescriptor rules(
      int(::syscall(SYS_landlock_create_ruleset, &ruleset, RulesetBytes(abi), 0)));
  if (!rules.valid()) return ErrnoError(errno, "Landlock's rules");
  if (::syscall(SYS_landlock_restrict_self, rules.get(), 0) != 0) {
    return ErrnoError(errno, "Landlock");
  }
  return abi;
}

}  // namespace gnosis
