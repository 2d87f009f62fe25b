// The resources that this machine (or container) lets us use.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace gnosis {

// CPUs in the affinity mask, or the cgroup's quota (rounded up) if that is less; at least 1.
int UsableCpus();
// "200000 100000" in cgroup v2's cpu.max -> 2.0; nothing for "max ..." or anything else.
std::optional<double> ParseCpuMax(const std::string& text);
// The limit of the cgroup; nothing if there is none.
std::optional<uint64_t> MemoryLimitBytes();
// The free part of that limit, or of the machine's memory if that is less; file cache counts as
// free. UINT64_MAX if unknown.
uint64_t FreeMemoryBytes();
// The number after `name` in the lines of /proc/meminfo ("MemAvailable:   123 kB") or of the
// cgroup's memory.stat ("inactive_file 123").
std::optional<uint64_t> NumberAfter(const std::string& text, const std::string& name);
// Raises this process's limit of open descriptors to the maximum, and returns it.
uint64_t RaiseDescriptorLimit();
uint64_t FreeDiskBytes(const std::filesystem::path& folder);
// Whether the folder is on a memory file system: what is written there counts as memory.
bool IsMemoryDisk(const std::filesystem::path& folder);
// The folder of this program's executable.
std::filesystem::path ProgramFolder();

}  // namespace gnosis
