#include "google/task_body.h"

#include <fmt/format.h>

#include "base/json.h"

namespace gnosis {
namespace {

constexpr size_t kMaxEmailBytes = 320;  // RFC 3696: 64 + @ + 255
constexpr int64_t kMaxNumber = 1'000'000;

Error Bad(std::string what) {
  return {ErrorCode::kInvalidArgument, "task body: " + std::move(what), ""};
}

Result<std::string> Text(const Json& json, std::string_view field) {
  if (!json.contains(field) || json.find(field)->is_null()) return std::string();
  const auto text = JsonString(json, field);
  if (!text) return Bad(fmt::format("{} is no text", field));
  return *text;
}

Result<int> Number(const Json& json, std::string_view field) {
  if (!json.contains(field) || json.find(field)->is_null()) return 0;
  const auto number = JsonInteger(json, field);
  if (!number || *number < 0 || *number > kMaxNumber) {
    return Bad(fmt::format("{} is no number from 0 to {}", field, kMaxNumber));
  }
  return int(*number);
}

}  // namespace

std::string TaskBody(const Task& task) {
  return DumpJson(Json{{"session_id", task.session.session_id},
                       {"user_email", task.user_email},
                       {"user_hash", task.session.user_hash},
                       {"epoch", task.epoch},
                       {"chain", task.chain},
                       {"sequence", task.sequence}});
}

Result<Task> ParseTaskBody(std::string_view text) {
  if (text.size() > kMaxTaskBodyBytes) {
    return Bad(fmt::format("more than {} bytes", kMaxTaskBodyBytes));
  }
  const auto json = ParseJson(text);
  if (!json.ok() || !json->is_object()) return Bad("no JSON object");
  Task task;
  ASSIGN_OR_RETURN(task.user_email, Text(*json, "user_email"));
  ASSIGN_OR_RETURN(const std::string session_id, Text(*json, "session_id"));
  ASSIGN_OR_RETURN(std::string user_hash, Text(*json, "user_hash"));
  if (task.user_email.size() > kMaxEmailBytes) return Bad("user_email is too long");
  if (task.user_email.empty() && user_hash.empty()) return Bad("neither user_email nor user_hash");
  if (!task.user_email.empty()) {
    const std::string expected = UserHash(task.user_email);
    if (!user_hash.empty() && user_hash != expected) return Bad("user_hash is not user_email's");
    user_hash = expected;
  }
  auto session = ParseSessionKey(user_hash, session_id);
  if (!session.ok()) return Bad(session.error().message);
  task.session = *std::move(session);
  ASSIGN_OR_RETURN(task.epoch, Number(*json, "epoch"));
  ASSIGN_OR_RETURN(task.chain, Number(*json, "chain"));
  ASSIGN_OR_RETURN(task.sequence, Number(*json, "sequence"));
  return task;
}

}  // namespace gnosis
