// A world in which callers ask twice, processes crash, tasks get lost, doubled and late, and writes
// fail or land without saying so; everything from one seed, one step at a time.
//
// Callers submit a document under one Idempotency-Key through the real admission, workers run the
// real BatchProcessor on each delivery of a task, recovery and sweeper go round, and somebody may
// delete the job. Each of them is a strand of its own, but only one runs at any moment: at every
// call to the store, the queue or the page reader it hands the baton back, and the world decides
// who goes on. What a process knew is gone with it when it crashes, what it wrote stays.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"

namespace gnosis {

// How bad the world is: chances per yield point, in thousandths.
struct Faults {
  int crash = 0;        // the process vanishes
  int store_fails = 0;  // kUnavailable, nothing happened
  int store_lies = 0;   // kUnavailable, but it happened
  int queue_fails = 0;
  int duplicate = 0;        // a task is delivered twice
  int lose = 0;             // a task vanishes
  int overrun = 0;          // a page takes longer than the dispatch deadline
  int child_dies = 0;       // an attempt at a page fails
  int record_vanishes = 0;  // processing.json is deleted under everybody's hands
  Seconds clock_skew{};     // of every second process
};

// Who else comes with the same Idempotency-Key: chances per schedule, in thousandths.
struct Callers {
  int twin = 0;     // the same request at the same time
  int other = 0;    // another document
  int refused = 0;  // a document that cannot be opened
  int deletes = 0;  // the job is deleted, and yet another document comes
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
  Callers callers;
};

struct Outcome {
  bool finished = false;
  std::vector<std::string> violations;  // of the invariants in simulation_witness.cc
  int given_up = 0;                     // healthy pages with a failed result
  int pages_read = 0;                   // successful readings; pages is the least possible
  int deliveries = 0;
  int submissions = 0;        // requests that callers made
  int deletions = 0;          // jobs that were deleted on request
  std::string text;           // result.txt of the job that the key stands for at the end
  std::string expected_text;  // what it says when nothing goes wrong; "" when there is no job
};

Outcome RunScenario(const Scenario& scenario);

}  // namespace gnosis
