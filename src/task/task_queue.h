// The seam to the queue. A task says "this session has pending pages"; it carries no state.
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
  std::string incarnation = {};  // of the session that it was made for; "" = of any
};

// "{8 hex digits of a hash}-{session}-{incarnation}-e0-c0-s0": the same for the same task, so that
// enqueuing twice is enqueuing once. The hash comes first because a queue is slow with sequential
// names.
std::string TaskName(const Task& task);

// The task as a queue outside carries it: {"session_id", "user_email", "incarnation", "epoch",
// "chain", "sequence"} and the "user_hash", for a session whose e-mail is lost. Of these only
// session_id and user_email have to be there; numbers are 0 otherwise. What cannot be read is
// kInvalidArgument; at most 8 KiB are looked at.
std::string EncodeTask(const Task& task);
Result<Task> DecodeTask(std::string_view bytes);

class TaskQueue {
 public:
  virtual ~TaskQueue() = default;
  // Ok also when a task of this name exists. Delivered not before `not_before`.
  virtual Status Enqueue(const Task& task, std::optional<Time> not_before) = 0;
};

}  // namespace gnosis
