#include "app/follow_session.h"

#include <chrono>

namespace gnosis {
namespace {

constexpr std::chrono::milliseconds kLookEvery{250};

}  // namespace

bool IsBrokenWorld(ErrorCode code) {
  return code == ErrorCode::kDiskFull || code == ErrorCode::kPermission || code == ErrorCode::kIo;
}

void Interruptions::Interrupt() {
  std::lock_guard lock(mutex_);
  error_ = Error{ErrorCode::kInterrupted, "interrupted", ""};
  changed_.notify_all();
}

void Interruptions::NoteBatch(const BatchReport& report) {
  std::lock_guard lock(mutex_);
  if (!error_ && report.error && IsBrokenWorld(report.error->code)) error_ = report.error;
  changed_.notify_all();
}

void Interruptions::Wake() {
  std::lock_guard lock(mutex_);
  woken_ = true;
  changed_.notify_all();
}

std::optional<Error> Interruptions::Wait() {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, kLookEvery, [&] { return woken_ || error_; });
  woken_ = false;
  return error_;
}

std::optional<Error> Interruptions::error() {
  std::lock_guard lock(mutex_);
  return error_;
}

Result<JobStatus> FollowSession(Home& home, const SessionKey& session, Interruptions& interruptions,
                                const std::function<Status(const JobStatus&)>& on_change) {
  const auto watch = home.book().Watch(session, [&] { interruptions.Wake(); });
  while (true) {
    ASSIGN_OR_RETURN(const JobStatus status, home.book().ReadStatus(session));
    RETURN_IF_ERROR(on_change(status));
    if (IsFinal(status.state)) return status;
    if (const auto error = interruptions.Wait()) return *error;
  }
}

}  // namespace gnosis
