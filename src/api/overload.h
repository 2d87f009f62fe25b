// Whether this machine has room for new work. What runs goes on, and what is there can be read,
// also when it has not.
#pragma once

#include <cstdint>
#include <optional>

#include "api/call.h"
#include "door/problem.h"

namespace gnosis {

// 507 disk_full below DISK_FLOOR (`wanted_bytes` are about to be written), 503 unavailable below
// MEMORY_FLOOR or above MAX_QUEUE_DEPTH; each says when to come back.
std::optional<Problem> CheckRoom(const ApiCore& core, uint64_t wanted_bytes);

}  // namespace gnosis
