#include "app/machine.h"

#include <linux/magic.h>
#include <sched.h>
#include <sys/resource.h>
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

// Without the file cache, which the kernel releases when memory is needed.
std::optional<uint64_t> CgroupMemoryInUse() {
  struct Place {
    const char* usage;
    const char* stat;
  };
  for (const Place& place : {Place{"/sys/fs/cgroup/memory.current", "/sys/fs/cgroup/memory.stat"},
                             Place{"/sys/fs/cgroup/memory/memory.usage_in_bytes",
                                   "/sys/fs/cgroup/memory/memory.stat"}}) {
    const auto text = ReadFile(place.usage);
    uint64_t bytes = 0;
    if (!text.ok() || !(std::istringstream(*text) >> bytes)) continue;
    const auto stat = ReadFile(place.stat);
    if (!stat.ok()) return bytes;
    const uint64_t cache = NumberAfter(*stat, "inactive_file").value_or(0) +
                           NumberAfter(*stat, "active_file").value_or(0);
    return bytes - std::min(bytes, cache);
  }
  return std::nullopt;
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
    // cgroup v1 represents "no limit" by a number near 2^63.
    if (words >> bytes && bytes < (uint64_t{1} << 60)) return bytes;
  }
  return std::nullopt;
}

std::optional<uint64_t> NumberAfter(const std::string& text, const std::string& name) {
  std::istringstream lines(text);
  std::string line;
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string word;
    uint64_t number = 0;
    if (words >> word && word == name && words >> number) return number;
  }
  return std::nullopt;
}

uint64_t FreeMemoryBytes() {
  const auto info = ReadFile("/proc/meminfo", 1 << 20);
  const auto available_kb = info.ok() ? NumberAfter(*info, "MemAvailable:") : std::nullopt;
  const uint64_t machine = available_kb ? *available_kb << 10 : UINT64_MAX;
  const auto limit = MemoryLimitBytes();
  const auto used = limit ? CgroupMemoryInUse() : std::nullopt;
  if (!used) return machine;
  return std::min(machine, *limit - std::min(*limit, *used));
}

uint64_t RaiseDescriptorLimit() {
  struct rlimit limit {};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  const rlim_t before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  return ::setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_max : before;
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
