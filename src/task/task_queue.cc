#include "task/task_queue.h"

#include <fmt/format.h>

#include <climits>

#include "base/hash.h"
#include "base/json.h"
#include "session/metadata.h"

namespace gnosis {
namespace {

constexpr size_t kMaxTaskBytes = 8 << 10;

Result<int> SmallNumber(const Json& json, std::string_view field) {
  if (!json.contains(field)) return 0;
  const auto value = JsonInteger(json, field);
  if (value && *value >= 0 && *value < INT_MAX) return int(*value);
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("{} is not a whole number of 0 or more", field), ""};
}

}  // namespace

std::string TaskName(const Task& task) {
  const std::string rest = fmt::format("{}-{}{}{}-e{}-c{}-s{}", task.session.user_hash,
                                       task.session.session_id, task.incarnation.empty() ? "" : "-",
                                       task.incarnation, task.epoch, task.chain, task.sequence);
  return Sha256Hex(rest).substr(0, 8) + "-" + rest;
}

std::string EncodeTask(const Task& task) {
  return DumpJson({{"session_id", task.session.session_id},
                   {"user_email", task.user_email},
                   {"user_hash", task.session.user_hash},
                   {"incarnation", task.incarnation},
                   {"epoch", task.epoch},
                   {"chain", task.chain},
                   {"sequence", task.sequence}});
}

Result<Task> DecodeTask(std::string_view bytes) {
  const auto invalid = [](std::string what) {
    return Error{ErrorCode::kInvalidArgument, std::move(what),
                 R"(a task is {"session_id": "…", "user_email": "…"})"};
  };
  if (bytes.size() > kMaxTaskBytes) return invalid("the task is too large");
  const auto json = ParseJson(bytes);
  if (!json.ok() || !json->is_object()) return invalid("the task is not a JSON object");
  Task task;
  const auto email = JsonString(*json, "user_email");
  // A marker that lost its owner's name still has its hash.
  const auto hash = JsonString(*json, "user_hash");
  if (!email && !hash) return invalid("the task has no user_email");
  task.user_email = email.value_or("");
  auto session = ParseSessionKey(hash ? *hash : UserHash(task.user_email),
                                 JsonString(*json, "session_id").value_or(""));
  if (!session.ok()) return invalid("the task has no valid session_id");
  if (hash && !task.user_email.empty() && *hash != UserHash(task.user_email) &&
      *hash != LegacyUserHash(task.user_email)) {
    return invalid("the task's user_hash does not match its user_email");
  }
  task.session = *std::move(session);
  task.incarnation = JsonString(*json, "incarnation").value_or("");
  if (!task.incarnation.empty() && !IsIncarnation(task.incarnation)) {
    return invalid("the task's incarnation is not valid");
  }
  ASSIGN_OR_RETURN(task.epoch, SmallNumber(*json, "epoch"));
  ASSIGN_OR_RETURN(task.chain, SmallNumber(*json, "chain"));
  ASSIGN_OR_RETURN(task.sequence, SmallNumber(*json, "sequence"));
  return task;
}

}  // namespace gnosis
