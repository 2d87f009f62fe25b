// The queue of one machine: tasks in memory, handed to a fixed number of page workers. Owners take
// turns (owner_turns.h), and so do the sessions of an owner: one batch each, then the next. A crash
// loses the tasks; the markers under unfinished/ bring them back.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "reader/page_reader.h"
#include "task/batch.h"
#include "task/task_queue.h"

namespace gnosis {

class LocalQueue : public TaskQueue {
 public:
  // Waits until a task is due or the queue is closed, at most this long, and returns whether that
  // happened. The caller takes the task next, unless another thread is faster.
  virtual bool WaitForTask(Milliseconds patience) = 0;
  // Waits for a task that is due. Its owner counts as served from now on, and the task counts as
  // being processed until it is acknowledged or retried. Nothing after Close().
  virtual std::optional<Task> Take() = 0;
  virtual void Acknowledge(const Task& task) = 0;
  virtual void Retry(const Task& task, Milliseconds delay) = 0;
  // For the batch of a task that was taken: a due task is waiting, no worker is free for it, and
  // its owner has fewer tasks being processed than this session's. The batch then ends after the
  // current page and gives back the rest.
  virtual bool OthersWait(const SessionKey& session) = 0;
  virtual void Close() = 0;
  virtual size_t Depth() = 0;  // waiting or being processed
};
std::unique_ptr<LocalQueue> NewLocalQueue();

// Called for every delivery, for metrics and for the command line's exit code. From worker threads.
using BatchListener = std::function<void(const Task&, const BatchReport&)>;

// One thread per reader. A failed delivery is repeated after 1, 2, 4 ... 60 s.
class WorkerPool {
 public:
  virtual ~WorkerPool() = default;
  // Stops claiming; current pages get `grace` to finish, then their child processes are killed and
  // the pages given back. Returns when all threads have ended.
  virtual void Stop(Milliseconds grace) = 0;
};
std::unique_ptr<WorkerPool> StartWorkerPool(LocalQueue& queue, BatchProcessor& processor,
                                            std::vector<std::unique_ptr<PageReader>> readers,
                                            BatchListener listener);

}  // namespace gnosis
