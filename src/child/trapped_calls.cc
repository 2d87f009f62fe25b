// The signal handler of a sealed child (file_table.h): answers the system calls that seccomp traps.
#include <fcntl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "child/file_table.h"

namespace gnosis {
namespace {

// A global, since a signal handler has no other way to access it. Set once, before the seal.
FileTable* the_table = nullptr;

struct TrappedCall {
  long number;
  uint64_t arguments[4];

  void* Pointer(int index) const {
    // NOLINTNEXTLINE(performance-no-int-to-ptr): what the kernel has is a number
    return reinterpret_cast<void*>(arguments[index]);
  }
  const char* Path(int index) const { return static_cast<const char*>(Pointer(index)); }
  int Integer(int index) const { return int(arguments[index]); }
};

#if defined(__x86_64__)
TrappedCall CallIn(const ucontext_t& context) {
  const auto& registers = context.uc_mcontext.gregs;
  return {long(registers[REG_RAX]),
          {uint64_t(registers[REG_RDI]), uint64_t(registers[REG_RSI]), uint64_t(registers[REG_RDX]),
           uint64_t(registers[REG_R10])}};
}
void SetAnswer(ucontext_t& context, long answer) { context.uc_mcontext.gregs[REG_RAX] = answer; }
#elif defined(__aarch64__)
TrappedCall CallIn(const ucontext_t& context) {
  const auto& registers = context.uc_mcontext.regs;
  return {long(registers[8]), {registers[0], registers[1], registers[2], registers[3]}};
}
void SetAnswer(ucontext_t& context, long answer) {
  context.uc_mcontext.regs[0] = static_cast<unsigned long long>(answer);
}
#else
#error "the seal supports only x86-64 and arm64"
#endif

// glibc implements fstat as fstatat without a path.
long DescribeAt(const TrappedCall& call) {
  const char* path = call.Path(1);
  if (path == nullptr || *path == '\0') {
    const long result = ::syscall(SYS_fstat, call.Integer(0), call.Pointer(2));
    return result < 0 ? -errno : result;
  }
  return the_table->Describe(path, call.Pointer(2));
}

long Answer(const TrappedCall& call) {
  switch (call.number) {
    case SYS_openat:
      return the_table->OpenFile(call.Path(1), call.Integer(2));
    case SYS_newfstatat:
      return DescribeAt(call);
    case SYS_faccessat:
    case SYS_faccessat2:
      return the_table->Access(call.Path(1), call.Integer(2));
    case SYS_read:
      return the_table->ReadFile(call.Integer(0), call.Pointer(1), size_t(call.arguments[2]));
    case SYS_lseek:
      return the_table->Seek(call.Integer(0), off_t(call.arguments[1]), call.Integer(2));
    case SYS_readlinkat:
      return -EINVAL;  // nothing is a symbolic link, as far as the child can see
    case SYS_ioctl:
      return -ENOTTY;
#if defined(__x86_64__)
    case SYS_open:
      return the_table->OpenFile(call.Path(0), call.Integer(1));
    case SYS_stat:
    case SYS_lstat:
      return the_table->Describe(call.Path(0), call.Pointer(1));
    case SYS_access:
      return the_table->Access(call.Path(0), call.Integer(1));
    case SYS_readlink:
      return -EINVAL;
#endif
    default:
      return -ENOSYS;
  }
}

void OnTrap(int, siginfo_t*, void* context_bytes) {
  const int saved_errno = errno;
  auto& context = *static_cast<ucontext_t*>(context_bytes);
  SetAnswer(context, Answer(CallIn(context)));
  errno = saved_errno;
}

}  // namespace

Status FileTable::AnswerOpens() {
  GNOSIS_CHECK(the_table == nullptr);
  the_table = this;
  struct sigaction action {};
  action.sa_sigaction = OnTrap;
  action.sa_flags = SA_SIGINFO;
  sigemptyset(&action.sa_mask);
  if (::sigaction(SIGSYS, &action, nullptr) != 0) return ErrnoError(errno, "SIGSYS");
  return Ok();
}

}  // namespace gnosis
