// The interface to the queue. A task says "this session has pending pages"; it carries no state.
//
// The life of a task: enqueued -> delivered (perhaps late, perhaps twice, perhaps to two workers at
// once) -> acknowledged, or delivered again. A queue may lose a task: recovery enqueues a new one.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "session/keys.h"

namespace gnosis {

struct Task {
  SessionKey session;
  std::string user_email;
  int epoch = 0;                 // raised by recovery and redo
  int chain = 0;                 // 0 to OCR_CHAINS - 1: chains of one session run side by side
  int sequence = 0;              // + 1 with every successor
  std::string incarnation = {};  // of the session it was made for; "" = any
};

// "{8 hex digits of a hash}-{session}-{incarnation}-e0-c0-s0": the same for the same task, so that
// enqueuing twice has no further effect. The hash comes first because a queue is slow with
// sequential names.
std::string TaskName(const Task& task);

// The task as an external queue carries it: {"session_id", "user_email", "incarnation", "epoch",
// "chain", "sequence"} and the "user_hash", for a session whose e-mail is lost. Only session_id and
// user_email are required; missing numbers are 0. Anything that cannot be parsed is
// kInvalidArgument, and so is more than 8 KiB.
std::string EncodeTask(const Task& task);
Result<Task> DecodeTask(std::string_view bytes);

class TaskQueue {
 public:
  virtual ~TaskQueue() = default;
  // Also ok when a task of this name exists. Not delivered before `not_before`.
  virtual Status Enqueue(const Task& task, std::optional<Time> not_before) = 0;
};

}  // namespace gnosis
