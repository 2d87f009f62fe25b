#include "api/overload.h"

#include <fmt/format.h>

namespace gnosis {
namespace {

constexpr int kDiskRetryAfterSeconds = 60;
constexpr int kRetryAfterSeconds = 10;

Problem DiskLow(uint64_t floor_bytes) {
  return {507,
          "disk_full",
          fmt::format("the server's disk is full except for a reserve of {} bytes", floor_bytes),
          "free some space on the server's disk, or lower DISK_FLOOR; running jobs are waiting for "
          "it too",
          {},
          kDiskRetryAfterSeconds};
}

Problem MemoryLow(uint64_t floor_bytes) {
  return {503,
          "unavailable",
          fmt::format("the server has less than {} bytes of memory free", floor_bytes),
          "repeat the request in a moment; the setting is MEMORY_FLOOR",
          {},
          kRetryAfterSeconds};
}

Problem QueueFull(size_t limit) {
  return {503,
          "unavailable",
          fmt::format("more than {} tasks are waiting", limit),
          "repeat the request when some are done; the setting is MAX_QUEUE_DEPTH",
          {},
          kRetryAfterSeconds};
}

}  // namespace

std::optional<Problem> CheckRoom(const ApiCore& core, uint64_t wanted_bytes) {
  const ApiLimits& limits = core.options.limits;
  const ApiWorld& world = core.world;
  const uint64_t free_bytes = world.free_disk_bytes();
  if (free_bytes < wanted_bytes || free_bytes - wanted_bytes < limits.disk_floor_bytes) {
    return DiskLow(limits.disk_floor_bytes);
  }
  if (world.free_memory_bytes() < limits.memory_floor_bytes) {
    return MemoryLow(limits.memory_floor_bytes);
  }
  if (world.queue_depth() >= limits.max_queue_depth) return QueueFull(limits.max_queue_depth);
  return std::nullopt;
}

}  // namespace gnosis
