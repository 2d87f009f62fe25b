// A process in the simulation: its own view of store, queue and clock, where every call is a place
// to be interrupted, to fail, or to die.
//
// A process that is dead goes on running until its code comes to an end, destructors and all, but
// every call it makes fails at once and does nothing, and nobody hears what it says.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "page/page_request.h"
#include "reader/page_reader.h"
#include "session/object_store.h"
#include "simulation_nature.h"
#include "strand.h"
#include "task/job_actions.h"
#include "task/session_book.h"
#include "task/task_queue.h"

namespace gnosis {

// Where a process meets the world.
class Edge {
 public:
  Edge(Nature& world, Strand& strand) : world_(world), strand_(strand) {}

  bool dead() const { return dead_; }
  void Die() { dead_ = true; }
  void Yield() {
    if (!dead_) strand_.Yield();
  }
  Nature& world() { return world_; }
  static Error Failure() { return {ErrorCode::kUnavailable, "simulated", ""}; }

  template <typename Call>
  auto Do(const Call& call) -> decltype(call()) {
    Yield();
    const Faults& faults = world_.scenario.faults;
    MayDie(faults.crash);
    if (dead_ || world_.Chance(faults.store_fails)) return Failure();
    const bool lies = world_.Chance(faults.store_lies);
    auto result = call();
    MayDie(faults.crash);
    if (dead_ || lies) return Failure();
    return result;
  }

 private:
  void MayDie(int thousandths) {
    if (!dead_ && world_.Chance(thousandths)) Die();
  }

  Nature& world_;
  Strand& strand_;
  bool dead_ = false;
};

class EdgeStore final : public ObjectStore {
 public:
  explicit EdgeStore(Edge& edge) : edge_(edge), store_(edge.world().store) {}
  Result<Object> Read(const std::string& key) override {
    return edge_.Do([&] { return store_.Read(key); });
  }
  Result<ObjectInfo> Stat(const std::string& key) override {
    return edge_.Do([&] { return store_.Stat(key); });
  }
  Result<FileDescriptor> Open(const std::string& key) override {
    return edge_.Do([&] { return store_.Open(key); });
  }
  Result<Generation> Write(const std::string& key, std::string_view bytes,
                           IfGeneration if_generation) override;
  Result<std::unique_ptr<ObjectWriter>> StartWrite(const std::string& key,
                                                   IfGeneration if_generation) override;
  Result<std::vector<std::string>> List(const std::string& prefix) override {
    return edge_.Do([&] { return store_.List(prefix); });
  }
  Result<std::vector<std::string>> ListFolders(const std::string& folder) override {
    return edge_.Do([&] { return store_.ListFolders(folder); });
  }
  Result<uint64_t> SizeOf(const std::string& folder) override {
    return edge_.Do([&] { return store_.SizeOf(folder); });
  }
  Status Delete(const std::string& key, IfGeneration if_generation) override {
    return edge_.Do([&] { return store_.Delete(key, if_generation); });
  }
  Status DeleteFolder(const std::string& folder) override {
    return edge_.Do([&] { return store_.DeleteFolder(folder); });
  }

 private:
  class Writer;
  Edge& edge_;
  MemoryStore& store_;
};

class EdgeQueue final : public TaskQueue {
 public:
  explicit EdgeQueue(Edge& edge) : edge_(edge) {}
  Status Enqueue(const Task& task, std::optional<Time> not_before) override;

 private:
  Edge& edge_;
};

class SkewedClock final : public Clock {
 public:
  SkewedClock(Nature& world, Seconds skew) : world_(world), skew_(skew) {}
  Time Now() override { return world_.now + skew_; }

 private:
  Nature& world_;
  const Seconds skew_;
};

// Opens and reads the documents of simulation_document.h.
class EdgeReader final : public PageReader {
 public:
  explicit EdgeReader(Edge& edge) : edge_(edge) {}
  Result<DocumentInfo> Open(const FileDescriptor& document, const std::string&) override;
  Result<PageArtefacts> Read(const PageRequest& request) override;
  void Interrupt() override {}

 private:
  Edge& edge_;
  char document_ = 0;
};

inline constexpr Seconds kDispatchDeadline{300};

struct Process {
  Process(Nature& world, Strand& strand, Seconds skew);

  Edge edge;
  EdgeStore store;
  EdgeQueue queue;
  SkewedClock clock;
  EdgeReader pages;
  const std::unique_ptr<SessionBook> book;
  const ActionContext actions;
};

}  // namespace gnosis
