// A world in which workers crash, tasks get lost, doubled and late, and writes fail or land without
// saying so; everything from one seed, one step at a time.
//
// Each delivery of a task runs the real BatchProcessor in a thread of its own, but only one thread
// runs at any moment: at every call to the store, the queue or the page reader a worker hands the
// baton back, and the world decides who goes on. A crash is an exception out of such a call; what
// the worker knew is gone with it, what it wrote stays.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "session/keys.h"
#include "session/memory_store.h"
#include "session/processing.h"
#include "task/task_queue.h"

namespace gnosis {

// How bad the world is: chances per yield point, in thousandths.
struct Faults {
  int crash = 0;        // the worker vanishes
  int store_fails = 0;  // kUnavailable, nothing happened
  int store_lies = 0;   // kUnavailable, but it happened
  int queue_fails = 0;
  int duplicate = 0;        // a task is delivered twice
  int lose = 0;             // a task vanishes
  int overrun = 0;          // a page takes longer than the dispatch deadline
  int child_dies = 0;       // an attempt at a page fails
  int record_vanishes = 0;  // processing.json is deleted under everybody's hands
  Seconds clock_skew{};     // of every second worker
};

struct Scenario {
  uint64_t seed = 1;
  int pages = 12;
  int batch_size = 4;
  int chains = 1;
  int concurrency = 1;  // of the queue
  // A bucket takes one write a second of one object, and workers ask it as seldom as they can.
  enum class Home { kDisk, kBucket } home = Home::kDisk;
  std::set<int> poison;   // pages whose child dies at every attempt
  std::set<int> killers;  // pages that take their worker down at every attempt
  Faults faults;
};

struct Outcome {
  bool finished = false;
  std::vector<std::string> violations;  // of the invariants of DESIGN section 4
  int given_up = 0;                     // healthy pages with a failed result
  int pages_read = 0;                   // successful readings; pages is the least possible
  int deliveries = 0;
  std::string text;  // result.txt
};

Outcome RunScenario(const Scenario& scenario);
// What result.txt says when nothing goes wrong (poison and killer pages have their marker).
std::string ExpectedText(const Scenario& scenario, const std::string& got);

}  // namespace gnosis
