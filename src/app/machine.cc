#include "app/machine.h"

#include <linux/magic.h>
#include <sched.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "base/file.h"

namespace gnosis {
namespace {

std::optional<double> CgroupCpus() {
  if (const auto v2 = ReadFile("/sys/fs/cgroup/cpu.max"); v2.ok()) return ParseCpuMax(*v2);
  const auto quota = ReadFile("/sys/fs/cgroup/cpu/cpu.cfs_quota_us");
  const auto period = ReadFile("/sys/fs/cgroup/cpu/cpu.cfs_period_us");
  if (!quota.ok() || !period.ok()) return std::nullopt;
  return ParseCpuMax(quota->substr(0, quota->find('\n')) + " " + *period);
}

}  // namespace

std::optional<double> ParseCpuMax(const std::string& text) {
  std::istringstream words(text);
  double quota = 0;
  double period = 0;
  if (!(words >> quota >> period) || quota <= 0 || period <= 0) return std::nullopt;
  return quota / period;
}

int UsableCpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  int cpus = ::sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
  if (const auto quota = CgroupCpus()) cpus = std::min(cpus, int(std::ceil(*quota)));
  return std::max(1, cpus);
}

std::optional<uint64_t> MemoryLimitBytes() {
  for (const char* path :
       {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    const auto text = ReadFile(path);
    if (!text.ok()) continue;
    std::istringstream words(*text);
    uint64_t bytes = 0;
    // cgroup v1 says "no limit" with a number near 2^63.
    if (words >> bytes && bytes < (uint64_t{1} << 60)) return bytes;
  }
  return std::nullopt;
}

uint64_t FreeDiskBytes(const std::filesystem::path& folder) {
  struct statvfs info {};
  if (::statvfs(folder.c_str(), &info) != 0) return 0;
  return uint64_t(info.f_bavail) * info.f_frsize;
}

bool IsMemoryDisk(const std::filesystem::path& folder) {
  struct statfs info {};
  return ::statfs(folder.c_str(), &info) == 0 &&
         (info.f_type == TMPFS_MAGIC || info.f_type == RAMFS_MAGIC);
}

std::filesystem::path ProgramFolder() {
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
}

}  // namespace gnosis
