// What this machine (or container) lets us use.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace gnosis {

// CPUs of the affinity mask, or of the cgroup's quota (rounded up) if that is less; at least 1.
int UsableCpus();
// "200000 100000" of cgroup v2's cpu.max -> 2.0; nothing for "max ..." or anything else.
std::optional<double> ParseCpuMax(const std::string& text);
// Of the cgroup; nothing when there is none.
std::optional<uint64_t> MemoryLimitBytes();
// What is left of it, or of the whole machine's if that is less; what only caches files counts as
// free. UINT64_MAX when it cannot be found out.
uint64_t FreeMemoryBytes();
// The number after `name` in the lines of /proc/meminfo ("MemAvailable:   123 kB") or of cgroup's
// memory.stat ("inactive_file 123").
std::optional<uint64_t> NumberAfter(const std::string& text, const std::string& name);
// Raises this process's limit of open descriptors as far as it may, and returns it.
uint64_t RaiseDescriptorLimit();
uint64_t FreeDiskBytes(const std::filesystem::path& folder);
// A disk that is memory: what is written there counts as memory.
bool IsMemoryDisk(const std::filesystem::path& folder);
// The folder of this program's own executable.
std::filesystem::path ProgramFolder();

}  // namespace gnosis
