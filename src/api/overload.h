// Whether this machine has capacity for new work. Running jobs and reads continue even if not.
#pragma once

#include <cstdint>
#include <optional>

#include "api/call.h"
#include "door/problem.h"

namespace gnosis {

// 507 disk_full below DISK_FLOOR (`wanted_bytes` are about to be written), 503 unavailable below
// MEMORY_FLOOR or above MAX_QUEUE_DEPTH; each with Retry-After.
std::optional<Problem> CheckRoom(const ApiCore& core, uint64_t wanted_bytes);

}  // namespace gnosis
