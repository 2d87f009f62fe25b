// A child needs no privileges: everything it may use is already open, so its user does not matter.
// If started by root, it becomes nobody; in any case it drops all capabilities.
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "child/seal.h"
#include "wire/child_program.h"

namespace gnosis {
namespace {

constexpr uid_t kNobody = 65'534;

struct Capabilities {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct halves[_LINUX_CAPABILITY_U32S_3] = {};

  static Capabilities Mine() {
    Capabilities mine;
    ::syscall(SYS_capget, &mine.header, mine.halves);
    return mine;
  }
  bool Has(unsigned capability) const {
    return (halves[CAP_TO_INDEX(capability)].effective & CAP_TO_MASK(capability)) != 0;
  }
  bool AreNone() const {
    for (const auto& half : halves) {
      if ((half.effective | half.permitted | half.inheritable) != 0) return false;
    }
    return true;
  }
};

// Prevents regaining capabilities by running another program. no_new_privs does the same; this
// works without it.
void EmptyBoundingSet() {
  for (unsigned long capability = 0; capability < 64; ++capability) {
    (void)::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
  }
  (void)::prctl(PR_SET_SECUREBITS,
                SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_KEEP_CAPS_LOCKED |
                    SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED,
                0, 0, 0);
}

// If the user nobody does not exist (in a container with few users), the child keeps its user,
// without root's rights. The template has CAP_KILL as well: otherwise it could not end the process
// of another user.
Status BecomeNobody(const Capabilities& mine) {
  const bool may = mine.Has(CAP_SETUID) && mine.Has(CAP_SETGID) && mine.Has(CAP_KILL);
  if (!may || ::geteuid() == kNobody) return Ok();
  const pid_t parent = ::getppid();
  (void)::setgroups(0, nullptr);
  (void)::setresgid(kNobody, kNobody, kNobody);
  if (::setresuid(kNobody, kNobody, kNobody) != 0) return Ok();
  // Changing the user clears this setting.
  return DieWithParent(parent);
}

}  // namespace

Result<uint32_t> DropPrivileges() {
  const Capabilities mine = Capabilities::Mine();
  if (mine.Has(CAP_SETPCAP)) EmptyBoundingSet();
  RETURN_IF_ERROR(BecomeNobody(mine));
  (void)::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  const Capabilities none;
  if (::syscall(SYS_capset, &none.header, none.halves) != 0) {
    return ErrnoError(errno, "capabilities");
  }
  if (!Capabilities::Mine().AreNone()) {
    return Error{ErrorCode::kIo, "capabilities: the kernel dropped none", ""};
  }
  return uint32_t(::geteuid());
}

}  // namespace gnosis
