// A task as the body of the HTTP request that Cloud Tasks sends to the worker, and back.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "task/task_queue.h"

namespace gnosis {

inline constexpr size_t kMaxTaskBodyBytes = 16 * 1024;

// {"session_id", "user_email", "user_hash", "epoch", "chain", "sequence"}
std::string TaskBody(const Task& task);
// Takes {"session_id", "user_email"} alone, too: numbers default to 0, the hash follows from the
// e-mail. Further fields are ignored. Everything else is kInvalidArgument: no JSON object, a field
// of another type, numbers below 0 or above a million, a hash that is not that of the e-mail.
Result<Task> ParseTaskBody(std::string_view text);

}  // namespace gnosis
