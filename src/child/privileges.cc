// A child needs no right beyond those of anybody: what it may open is open, so that whose it is
// makes no difference to it. Started by root, it becomes nobody; whoever starts it, it keeps no
// capability.
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

// What a later program could get back. no_new_privs says the same; this holds without it.
void EmptyBoundingSet() {
  for (unsigned long capability = 0; capability < 64; ++capability) {
    (void)::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
  }
  (void)::prctl(PR_SET_SECUREBITS,
                SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_KEEP_CAPS_LOCKED |
                    SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED,
                0, 0, 0);
}

// Where nobody has no number (in a container with few users) the child stays who it is, without
// root's rights. CAP_KILL is the template's, too: without it the template could not end a process
// of somebody else.
Status BecomeNobody(const Capabilities& mine) {
  const bool may = mine.Has(CAP_SETUID) && mine.Has(CAP_SETGID) && mine.Has(CAP_KILL);
  if (!may || ::geteuid() == kNobody) return Ok();
  const pid_t parent = ::getppid();
  (void)::setgroups(0, nullptr);
  (void)::setresgid(kNobody, kNobody, kNobody);
  if (::setresuid(kNobody, kNobody, kNobody) != 0) return Ok();
  // The kernel forgets it with the user.
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
