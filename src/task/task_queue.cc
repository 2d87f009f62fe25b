#include "task/task_queue.h"

#include <fmt/format.h>

#include "base/hash.h"

namespace gnosis {

std::string TaskName(const Task& task) {
  const std::string rest =
      fmt::format("{}-{}-e{}-c{}-s{}", task.session.user_hash, task.session.session_id, task.epoch,
                  task.chain, task.sequence);
  return Sha256Hex(rest).substr(0, 8) + "-" + rest;
}

}  // namespace gnosis
