#include "child/seal.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace gnosis {
namespace {

struct Limit {
  __rlimit_resource resource;
  uint64_t value;
  const char* name;
};

Status SetLimit(const Limit& limit) {
  rlimit current{};
  if (::getrlimit(limit.resource, &current) != 0) return ErrnoError(errno, limit.name);
  current.rlim_max = std::min<rlim_t>(limit.value, current.rlim_max);
  current.rlim_cur = current.rlim_max;
  if (::setrlimit(limit.resource, &current) != 0) return ErrnoError(errno, limit.name);
  return Ok();
}

// If memory runs out, the kernel should kill a child, not the server. A failure here is harmless.
void VolunteerForOutOfMemory() {
  const FileDescriptor score(::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC));
  if (score.valid()) (void)WriteAll(score, "800");
}

Status SilenceStandardError() {
  const FileDescriptor nowhere(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  if (!nowhere.valid() || ::dup2(nowhere.get(), STDERR_FILENO) < 0) {
    return ErrnoError(errno, "/dev/null");
  }
  return Ok();
}

}  // namespace

Status LimitResources(const SealOptions& options, int max_descriptors) {
  const Limit limits[] = {
      {RLIMIT_CORE, 0, "RLIMIT_CORE"},  // a core would contain someone's document
      {RLIMIT_AS, options.max_address_space_bytes, "RLIMIT_AS"},
      {RLIMIT_CPU, options.max_cpu_seconds, "RLIMIT_CPU"},
      {RLIMIT_FSIZE, 0, "RLIMIT_FSIZE"},  // the arena is already mapped and is not a file
      {RLIMIT_NOFILE, uint64_t(max_descriptors), "RLIMIT_NOFILE"},
      {RLIMIT_NPROC, 0, "RLIMIT_NPROC"},
      {RLIMIT_MEMLOCK, 0, "RLIMIT_MEMLOCK"},
  };
  for (const Limit& limit : limits) RETURN_IF_ERROR(SetLimit(limit));
  return Ok();
}

Status GiveUpPrivileges() {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return ErrnoError(errno, "no_new_privs");
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return ErrnoError(errno, "not dumpable");
  return Ok();
}

Result<SealReport> SealProcess(const SealOptions& options, FileTable& files) {
  VolunteerForOutOfMemory();
  RETURN_IF_ERROR(SilenceStandardError());
  RETURN_IF_ERROR(files.AnswerOpens());
  SealReport report;
  RETURN_IF_ERROR(LimitResources(options, files.descriptor_limit()));
  report.limits = true;
  ASSIGN_OR_RETURN(report.user_id, DropPrivileges());
  report.no_capabilities = true;
  RETURN_IF_ERROR(GiveUpPrivileges());
  report.no_new_privs = true;
  ASSIGN_OR_RETURN(report.landlock_abi, RestrictWithLandlock());
  RETURN_IF_ERROR(ForbidSystemCalls());
  report.seccomp = true;
  return report;
}

}  // namespace gnosis
