#include "task/inspection_pool.h"

#include <fmt/format.h>

#include <algorithm>
#include <climits>
#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <set>
#include <thread>
#include <unordered_map>
#include <utility>

#include "task/owner_turns.h"

namespace gnosis {
namespace {

Error Stopped() { return {ErrorCode::kInterrupted, "the service is stopping", "try again"}; }

// The line's mutex guards all of it except the document and its password: those belong to the
// thread that opens it.
struct Job {
  enum class State { kWaiting, kOpening, kTelling, kOver };

  Job(std::string owner, FileDescriptor document, std::string password, InspectionPool::Done done)
      : owner(std::move(owner)),
        document(std::move(document)),
        password(std::move(password)),
        done(std::move(done)) {}

  const std::string owner;
  FileDescriptor document;
  std::string password;
  InspectionPool::Done done;  // nothing: the result is no longer wanted
  State state = State::kWaiting;
  PageReader* reader = nullptr;  // its call can be interrupted
  bool interrupted = false;
  std::thread::id teller;  // kTelling
};

// The documents that are waiting and those being opened.
class Line {
 public:
  Line(size_t readers, InspectionOptions options)
      : options_(options), max_open_per_owner_(std::max(1, int(readers) - 1)) {}

  Status Add(const std::shared_ptr<Job>& job) {
    std::lock_guard lock(mutex_);
    if (stopped_) return Stopped();
    const int waiting = owners_.Waiting(job->owner);
    if (waiting >= options_.max_waiting_per_owner) {
      return Error{
          ErrorCode::kTooManyRequests,
          fmt::format("{} documents of this owner are waiting to be opened; the limit is {}",
                      waiting, options_.max_waiting_per_owner),
          "wait until some of them are accepted"};
    }
    waiting_[job->owner].push_back(job);
    owners_.Wait(job->owner);
    changed_.notify_one();
    return Ok();
  }

  // Waits. Nothing when the pool was stopped and no document is waiting any more.
  std::shared_ptr<Job> TakeNext(PageReader& reader) {
    std::unique_lock lock(mutex_);
    std::optional<std::string> owner;
    changed_.wait(lock, [&] {
      owner = owners_.Next(stopped_ ? INT_MAX : max_open_per_owner_);
      return owner || stopped_;
    });
    if (!owner) return nullptr;
    std::deque<std::shared_ptr<Job>>& jobs = waiting_.at(*owner);
    std::shared_ptr<Job> job = std::move(jobs.front());
    jobs.pop_front();
    if (jobs.empty()) waiting_.erase(*owner);
    owners_.Begin(*owner);
    job->state = Job::State::kOpening;
    job->reader = &reader;
    opening_.insert(job.get());
    if (stopped_) Interrupt(*job);
    return job;
  }

  // From now on the reader is not interrupted because of this job. Returns whether it was.
  bool Opened(Job& job) {
    std::lock_guard lock(mutex_);
    opening_.erase(&job);
    job.reader = nullptr;
    return job.interrupted;
  }

  void Tell(Job& job, Result<DocumentInfo> info) {
    InspectionPool::Done done = BeginTelling(job);
    if (!done) return;
    done(std::move(info));
    // Its captures are destroyed before any thread waiting for the end of this call continues.
    done = nullptr;
    std::lock_guard lock(mutex_);
    job.state = Job::State::kOver;
    told_.notify_all();
  }

  void End(const Job& job) {
    std::lock_guard lock(mutex_);
    owners_.End(job.owner);
    // Any reader may have been waiting for this owner to have one fewer.
    changed_.notify_all();
  }

  void Withdraw(Job& job) {
    InspectionPool::Done unwanted;  // its captures are destroyed once the mutex is free
    std::unique_lock lock(mutex_);
    if (job.state == Job::State::kTelling) {
      if (job.teller == std::this_thread::get_id()) return;
      told_.wait(lock, [&] { return job.state == Job::State::kOver; });
      return;
    }
    unwanted = std::exchange(job.done, nullptr);
    if (job.state == Job::State::kWaiting) Remove(job);
    Interrupt(job);
  }

  void Stop() {
    std::lock_guard lock(mutex_);
    stopped_ = true;
    for (Job* const job : opening_) Interrupt(*job);
    changed_.notify_all();
  }

 private:
  InspectionPool::Done BeginTelling(Job& job) {
    std::lock_guard lock(mutex_);
    if (!job.done) return nullptr;
    job.state = Job::State::kTelling;
    job.teller = std::this_thread::get_id();
    return std::exchange(job.done, nullptr);
  }

  // These two need the mutex.
  void Interrupt(Job& job) {
    if (job.reader == nullptr || job.interrupted) return;
    job.interrupted = true;
    job.reader->Interrupt();
  }
  void Remove(const Job& job) {
    std::deque<std::shared_ptr<Job>>& jobs = waiting_.at(job.owner);
    std::erase_if(jobs, [&](const auto& waiting) { return waiting.get() == &job; });
    if (jobs.empty()) waiting_.erase(job.owner);
    owners_.Withdraw(job.owner);
  }

  const InspectionOptions options_;
  const int max_open_per_owner_;
  std::mutex mutex_;
  std::condition_variable changed_, told_;
  bool stopped_ = false;
  std::unordered_map<std::string, std::deque<std::shared_ptr<Job>>> waiting_;  // by owner
  std::set<Job*> opening_;
  OwnerTurns owners_;
};

class StartedInspection final : public Inspection {
 public:
  StartedInspection(std::shared_ptr<Line> line, std::shared_ptr<Job> job)
      : line_(std::move(line)), job_(std::move(job)) {}
  ~StartedInspection() override { line_->Withdraw(*job_); }

 private:
  const std::shared_ptr<Line> line_;
  const std::shared_ptr<Job> job_;
};

class ReaderPool final : public InspectionPool {
 public:
  ReaderPool(std::vector<std::unique_ptr<PageReader>> readers, InspectionOptions options)
      : readers_(std::move(readers)), line_(std::make_shared<Line>(readers_.size(), options)) {
    GNOSIS_CHECK(!readers_.empty());
    for (const auto& reader : readers_) {
      threads_.emplace_back([this, &reader = *reader] { Work(reader); });
    }
  }
  ~ReaderPool() override { Stop(); }  // joins the threads

  Result<std::unique_ptr<Inspection>> Start(const std::string& owner, FileDescriptor document,
                                            std::string password, Done done) override {
    GNOSIS_CHECK(done != nullptr);
    auto job =
        std::make_shared<Job>(owner, std::move(document), std::move(password), std::move(done));
    RETURN_IF_ERROR(line_->Add(job));
    return std::unique_ptr<Inspection>(std::make_unique<StartedInspection>(line_, std::move(job)));
  }

  void Stop() override { line_->Stop(); }

 private:
  void Work(PageReader& reader) {
    while (const std::shared_ptr<Job> job = line_->TakeNext(reader)) {
      line_->Tell(*job, Open(*job, reader));
      line_->End(*job);
    }
  }

  Result<DocumentInfo> Open(Job& job, PageReader& reader) {
    auto info = reader.Open(job.document, job.password);
    const bool interrupted = line_->Opened(job);
    reader.Close();
    // An interruption that came too late for this call would end the next one, which opens someone
    // else's document. Without a document this call does nothing.
    if (interrupted) (void)reader.Read({});
    job.document.Reset(-1);
    return info;
  }

  const std::vector<std::unique_ptr<PageReader>> readers_;
  // Shared with the inspections, which may outlive the pool.
  const std::shared_ptr<Line> line_;
  std::vector<std::jthread> threads_;
};

}  // namespace

Result<DocumentInfo> InspectionPool::Inspect(const std::string& owner, FileDescriptor document,
                                             std::string password) {
  std::promise<Result<DocumentInfo>> told;
  auto info = told.get_future();
  // Destroyed before the promise, and not before `done` has returned.
  ASSIGN_OR_RETURN(const auto inspection,
                   Start(owner, std::move(document), std::move(password),
                         [&](Result<DocumentInfo> heard) { told.set_value(std::move(heard)); }));
  return info.get();
}

std::unique_ptr<InspectionPool> NewInspectionPool(std::vector<std::unique_ptr<PageReader>> readers,
                                                  InspectionOptions options) {
  return std::make_unique<ReaderPool>(std::move(readers), options);
}

}  // namespace gnosis
