// The system calls of a sealed child, each with its reason (seal.h). Any other call kills it.
#include <fcntl.h>
#include <linux/futex.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "child/seal.h"

namespace gnosis {
namespace {

constexpr uint32_t kApiWithKillProcess = 3;

constexpr int kAllowed[] = {
    // answers
    SCMP_SYS(write), SCMP_SYS(close), SCMP_SYS(exit), SCMP_SYS(exit_group),
    // memory
    SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(sysinfo),
    // reading the document and the table's files; writing the table's positions
    SCMP_SYS(pread64), SCMP_SYS(fstat),
    // the clock, if it is not in the vDSO
    SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday),
    // return from a signal handler; abort()
    SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigprocmask), SCMP_SYS(getpid), SCMP_SYS(gettid),
    // the salt of a hash table
    SCMP_SYS(getrandom)};

// Answered by the handler in trapped_calls.cc.
constexpr int kTrapped[] = {SCMP_SYS(open),       SCMP_SYS(openat),     SCMP_SYS(stat),
                            SCMP_SYS(lstat),      SCMP_SYS(access),     SCMP_SYS(faccessat),
                            SCMP_SYS(faccessat2), SCMP_SYS(newfstatat), SCMP_SYS(ioctl),
                            SCMP_SYS(readlink),   SCMP_SYS(readlinkat)};

class Filter {
 public:
  Filter() : context_(seccomp_init(SCMP_ACT_KILL_PROCESS)) {
    Note(context_ != nullptr ? 0 : -EINVAL);
    Note(seccomp_attr_set(context_, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS));
  }
  ~Filter() {
    if (context_ != nullptr) seccomp_release(context_);
  }
  Filter(const Filter&) = delete;
  Filter& operator=(const Filter&) = delete;

  template <typename... Comparisons>
  void Allow(int call, Comparisons... comparisons) {
    Add(SCMP_ACT_ALLOW, call, comparisons...);
  }
  template <typename... Comparisons>
  void Trap(int call, Comparisons... comparisons) {
    Add(SCMP_ACT_TRAP, call, comparisons...);
  }
  // The first error of all steps. An incomplete filter is not loaded.
  int Load() {
    if (error_ == 0) error_ = seccomp_load(context_);
    return error_;
  }

 private:
  template <typename... Comparisons>
  void Add(uint32_t action, int call, Comparisons... comparisons) {
    Note(seccomp_rule_add(context_, action, call, sizeof...(comparisons), comparisons...));
  }
  void Note(int result) {
    if (error_ == 0) error_ = result;
  }

  scmp_filter_ctx context_;
  int error_ = 0;
};

// Private memory that cannot be executed.
void AllowMemory(Filter& filter) {
  filter.Allow(SCMP_SYS(mmap), SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
               SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_SHARED, 0));
  filter.Allow(SCMP_SYS(mprotect), SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
}

// The socket and the document are below kFirstTableFile.
void AllowReading(Filter& filter) {
  for (const int call : {SCMP_SYS(read), SCMP_SYS(lseek)}) {
    filter.Allow(call, SCMP_A0(SCMP_CMP_LT, kFirstTableFile));
    filter.Trap(call, SCMP_A0(SCMP_CMP_GE, kFirstTableFile));
  }
  for (const int command : {F_GETFL, F_GETFD, F_SETFD, F_DUPFD_CLOEXEC}) {
    filter.Allow(SCMP_SYS(fcntl), SCMP_A1(SCMP_CMP_EQ, scmp_datum_t(command)));
  }
}

// abort(), and the end of a call_once without waiters.
void AllowEndings(Filter& filter) {
  filter.Allow(SCMP_SYS(tgkill), SCMP_A0(SCMP_CMP_EQ, scmp_datum_t(::getpid())));
  filter.Allow(SCMP_SYS(futex),
               SCMP_A1(SCMP_CMP_MASKED_EQ, scmp_datum_t(FUTEX_CMD_MASK), FUTEX_WAKE));
}

}  // namespace

Status ForbidSystemCalls() {
  // gVisor can kill the process, but libseccomp does not detect this.
  if (seccomp_api_get() < kApiWithKillProcess) (void)seccomp_api_set(kApiWithKillProcess);
  Filter filter;
  for (const int call : kAllowed) filter.Allow(call);
  for (const int call : kTrapped) filter.Trap(call);
  AllowMemory(filter);
  AllowReading(filter);
  AllowEndings(filter);
  const int error = filter.Load();
  if (error != 0) return ErrnoError(-error, "seccomp");
  return Ok();
}

}  // namespace gnosis
