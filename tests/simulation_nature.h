// What everybody in the simulation lives in: chance, time, the store, the queue.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "simulation_world.h"
#include "support/memory_store.h"
#include "task/task_queue.h"

namespace gnosis {

class Nature {
 public:
  explicit Nature(const Scenario& told) : scenario(told), random_(told.seed) {}

  uint64_t Random(uint64_t below) { return random_() % below; }
  uint64_t Random() { return random_(); }
  // So many chances in a thousand; never once the world is kind.
  bool Chance(int thousandths) { return !kind && int(random_() % 1000) < thousandths; }

  void Enqueue(const Task& task, std::optional<Time> not_before) {
    if (!names_.insert(TaskName(task)).second) return;  // names are remembered: tombstones
    if (Chance(scenario.faults.lose)) return;
    queue.push_back({task, not_before.value_or(now)});
    if (Chance(scenario.faults.duplicate)) queue.push_back({task, now + Seconds(Random(30))});
  }
  std::optional<Task> Dequeue() {
    for (auto waiting = queue.begin(); waiting != queue.end(); ++waiting) {
      if (waiting->due > now) continue;
      Task task = std::move(waiting->task);
      queue.erase(waiting);
      return task;
    }
    return std::nullopt;
  }

  // A bucket takes one write a second of one object.
  bool MayWrite(const std::string& key) {
    if (scenario.home == Scenario::Home::kDisk) return true;
    Time& last = written_at_[key];
    if (now - last < Seconds(1)) return false;
    last = now;
    return true;
  }

  const Scenario scenario;
  bool kind = false;
  MemoryStore store;
  Time now = Time(Seconds(1'750'000'000));
  struct Waiting {
    Task task;
    Time due;
  };
  std::vector<Waiting> queue;
  std::function<void(const std::string& key)> lose_record;  // of whose file this is
  int pages_read = 0;

 private:
  std::mt19937_64 random_;
  std::set<std::string> names_;
  std::map<std::string, Time> written_at_;
};

}  // namespace gnosis
