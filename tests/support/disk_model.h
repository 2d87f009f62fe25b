// For tests: a disk in memory that can lose power.
//
// The life of a DiskModel: written to, until LosePowerAfter(n) lets n more steps happen and fails
// everything after them; then AfterPowerLoss(choices) is what the next start may find. POSIX
// promises little about what was not synced: each name that was made, moved or removed since its
// folder's last sync may or may not be so, each independently of the others (a rename happens
// whole or not at all); a file that was not synced may be empty, cut off, full of zeros or whole,
// with its old time or its new one. Choices goes through all combinations of these.
#pragma once

#include <sys/mman.h>

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "session/disk.h"

namespace gnosis {

// All combinations of several choices, whose number may depend on earlier ones:
//   do { ... choices.Choose(2) ... choices.Choose(3) ... } while (choices.Next());
class Choices {
 public:
  // 0 to options - 1.
  int Choose(int options) {
    if (position_ == choices_.size()) choices_.push_back(Choice{0, options});
    return choices_[position_++].taken;
  }
  // False: all were tried.
  bool Next() {
    position_ = 0;
    while (!choices_.empty() && choices_.back().taken + 1 == choices_.back().options) {
      choices_.pop_back();
    }
    if (choices_.empty()) return false;
    ++choices_.back().taken;
    return true;
  }

 private:
  struct Choice {
    int taken = 0;
    int options = 0;
  };
  std::vector<Choice> choices_;
  size_t position_ = 0;
};

namespace disk_model {

struct Node;
using NodePtr = std::shared_ptr<Node>;  // an open file outlives its name
using Entries = std::map<std::string, NodePtr>;

// What one step did to a folder.
struct Change {
  std::string removed;  // "" = none
  std::string added;    // "" = none
  NodePtr node;
};

struct Node {
  bool is_folder = false;
  // A file: what is read now, and what is on the disk for good.
  std::string bytes, synced_bytes;
  int64_t mtime_ns = 0, synced_mtime_ns = 0;
  // A folder, likewise.
  Entries entries, synced_entries;
  std::vector<Change> changes;  // since the last sync
  bool is_locked = false;
  bool is_removed = false;

  void Record(Change change) {
    Apply(entries, change);
    changes.push_back(std::move(change));
  }
  void Sync() {
    synced_bytes = bytes;
    synced_mtime_ns = mtime_ns;
    synced_entries = entries;
    changes.clear();
  }
  static void Apply(Entries& entries, const Change& change) {
    if (!change.removed.empty()) entries.erase(change.removed);
    if (!change.added.empty()) entries[change.added] = change.node;
  }
};

inline NodePtr SurvivingFile(const Node& file, Choices& choices) {
  auto survivor = std::make_shared<Node>();
  survivor->bytes = file.synced_bytes;
  survivor->mtime_ns = file.synced_mtime_ns;
  if (file.bytes != file.synced_bytes) {
    const size_t size = file.bytes.size();
    const std::string possible[] = {file.synced_bytes, "", file.bytes.substr(0, size / 2),
                                    std::string(size, '\0'), file.bytes};
    survivor->bytes = possible[choices.Choose(5)];
  }
  if (file.mtime_ns != file.synced_mtime_ns && choices.Choose(2) == 1) {
    survivor->mtime_ns = file.mtime_ns;
  }
  survivor->Sync();
  return survivor;
}

inline NodePtr Survivor(const Node& node, Choices& choices) {
  if (!node.is_folder) return SurvivingFile(node, choices);
  Entries entries = node.synced_entries;
  for (const Change& change : node.changes) {
    if (choices.Choose(2) == 1) Node::Apply(entries, change);
  }
  auto survivor = std::make_shared<Node>();
  survivor->is_folder = true;
  for (const auto& [name, entry] : entries) survivor->entries[name] = Survivor(*entry, choices);
  survivor->Sync();
  return survivor;
}

// What all parts of one disk share: who may go on, and when it ends.
struct Supply {
  std::mutex mutex;
  std::condition_variable unlocked;
  int64_t now_ns = 1'750'000'000'000'000'000;
  int64_t granularity_ns = 1;
  bool forgets_to_sync = false;
  bool has_power = true;
  int steps_left = std::numeric_limits<int>::max();
  std::optional<int> steps_until_full;
  bool was_full = false;
  std::function<void()> before_next_lock;

  Status Power() const {
    return has_power ? Ok() : Status(Error{ErrorCode::kIo, "the power is off", ""});
  }
  // Every change of the disk asks here first.
  Status Step() {
    if (steps_left == 0) has_power = false;
    RETURN_IF_ERROR(Power());
    --steps_left;
    return Ok();
  }
  // Those that may need a block of the disk ask here.
  Status StepThatNeedsRoom() {
    RETURN_IF_ERROR(Step());
    if (!steps_until_full || (*steps_until_full)-- > 0) return Ok();
    steps_until_full.reset();
    was_full = true;
    return Error{ErrorCode::kDiskFull, "the disk is full", ""};
  }
  int64_t Tick() { return now_ns += 1'000'000; }
};

inline Error NotFound(const std::string& what) {
  return Error{ErrorCode::kNotFound, what + " is not there", ""};
}

class ModelFile final : public DiskFile {
 public:
  ModelFile(std::shared_ptr<Supply> supply, NodePtr node)
      : supply_(std::move(supply)), node_(std::move(node)) {}

  Status Append(std::string_view bytes) override {
    const std::lock_guard guard(supply_->mutex);
    RETURN_IF_ERROR(supply_->StepThatNeedsRoom());
    node_->bytes += bytes;
    node_->mtime_ns = supply_->Tick();
    return Ok();
  }
  Result<int64_t> SetMtime(int64_t mtime_ns) override {
    const std::lock_guard guard(supply_->mutex);
    RETURN_IF_ERROR(supply_->StepThatNeedsRoom());
    node_->mtime_ns = mtime_ns / supply_->granularity_ns * supply_->granularity_ns;
    return node_->mtime_ns;
  }
  Status Sync() override {
    const std::lock_guard guard(supply_->mutex);
    RETURN_IF_ERROR(supply_->StepThatNeedsRoom());
    if (!supply_->forgets_to_sync) node_->Sync();
    return Ok();
  }

 private:
  const std::shared_ptr<Supply> supply_;
  const NodePtr node_;
};

class ModelFolder final : public DiskFolder {
 public:
  ModelFolder(std::shared_ptr<Supply> supply, NodePtr node)
      : supply_(std::move(supply)), node_(std::move(node)) {}
  ~ModelFolder() override {
    const std::lock_guard guard(supply_->mutex);
    if (!has_lock_) return;
    node_->is_locked = false;
    supply_->unlocked.notify_all();
  }

  Status Lock() override {
    std::unique_lock guard(supply_->mutex);
    RETURN_IF_ERROR(supply_->Power());
    if (const auto others = std::exchange(supply_->before_next_lock, nullptr)) {
      guard.unlock();
      others();
      guard.lock();
    }
    supply_->unlocked.wait(guard, [&] { return !node_->is_locked; });
    node_->is_locked = has_lock_ = true;
    return Ok();
  }
  Result<std::unique_ptr<DiskFile>> Create(const std::string& name) override {
    const std::lock_guard guard(supply_->mutex);
    RETURN_IF_ERROR(StepInside());
    if (node_->entries.count(name) != 0) return Error{ErrorCode::kIo, name + " exists", ""};
    const auto file = std::make_shared<Node>();
    file->mtime_ns = supply_->Tick();
    node_->Record({.added = name, .node = file});
    return std::unique_ptr<DiskFile>(std::make_unique<ModelFile>(supply_, file));
  }
  Result<DiskFileInfo> Stat(const std::string& name) override {
    const std::lock_guard guard(supply_->mutex);
    RETURN_IF_ERROR(supply_->Power());
    const auto found = node_->entries.find(name);
    if (found == node_->entries.end() || found->second->is_folder) return NotFound(name);
    return DiskFileInfo{found->second->bytes.size(), found->second->mtime_ns};
  }
  Status Rename(const std::string& from, const std::string& to) override {
    const std::lock_guard guard(supply_->mutex);
    RETURN_IF_ERROR(StepInside());
    const auto found = node_->entries.find(from);
    if (found == node_->entries.end()) return NotFound(from);
    node_->Record({.removed = from, .added = to, .node = found->second});
    return Ok();
  }
  Status Remove(const std::string& name) override {
    const std::lock_guard guard(supply_->mutex);
    RETURN_IF_ERROR(supply_->Step());
    if (node_->entries.count(name) != 0) node_->Record({.removed = name});
    return Ok();
  }
  Status MakeFolder(const std::string& name) override {
    const std::lock_guard guard(supply_->mutex);
    RETURN_IF_ERROR(StepInside());
    if (node_->entries.count(name) != 0) return Ok();
    const auto folder = std::make_shared<Node>();
    folder->is_folder = true;
    node_->Record({.added = name, .node = folder});
    return Ok();
  }
  Status Sync() override {
    const std::lock_guard guard(supply_->mutex);
    RETURN_IF_ERROR(supply_->StepThatNeedsRoom());
    if (!supply_->forgets_to_sync) node_->Sync();
    return Ok();
  }

 private:
  Status StepInside() {
    RETURN_IF_ERROR(supply_->StepThatNeedsRoom());
    return node_->is_removed ? Status(NotFound("the folder")) : Ok();
  }

  const std::shared_ptr<Supply> supply_;
  const NodePtr node_;
  bool has_lock_ = false;
};

}  // namespace disk_model

class DiskModel final : public Disk {
 public:
  DiskModel() { root_->is_folder = true; }

  Result<DiskContent> Read(const std::string& path) override {
    const std::lock_guard guard(supply_->mutex);
    ASSIGN_OR_RETURN(const disk_model::NodePtr file, FindFile(path));
    return DiskContent{file->bytes, file->mtime_ns};
  }
  Result<FileDescriptor> Open(const std::string& path) override {
    ASSIGN_OR_RETURN(const DiskContent content, Read(path));
    FileDescriptor copy(::memfd_create("disk_model", MFD_CLOEXEC));
    RETURN_IF_ERROR(WriteAll(copy, content.bytes));
    return copy;
  }
  Result<DiskFileInfo> Stat(const std::string& path) override {
    ASSIGN_OR_RETURN(const DiskContent content, Read(path));
    return DiskFileInfo{content.bytes.size(), content.mtime_ns};
  }
  Result<std::unique_ptr<DiskFolder>> OpenFolder(const std::string& path) override {
    const std::lock_guard guard(supply_->mutex);
    ASSIGN_OR_RETURN(const disk_model::NodePtr folder, Find(path));
    if (!folder->is_folder) return disk_model::NotFound(path);
    return std::unique_ptr<DiskFolder>(std::make_unique<disk_model::ModelFolder>(supply_, folder));
  }
  Status RemoveFolder(const std::string& path) override {
    const std::lock_guard guard(supply_->mutex);
    const auto folder = Find(path);
    if (!folder.ok()) return folder.code() == ErrorCode::kNotFound ? Ok() : Status(folder.error());
    RETURN_IF_ERROR(RemoveAllIn(**folder));
    const size_t slash = path.rfind('/');
    ASSIGN_OR_RETURN(const disk_model::NodePtr parent, Find(path.substr(0, slash)));
    RETURN_IF_ERROR(supply_->Step());
    (*folder)->is_removed = true;
    parent->Record({.removed = path.substr(slash + 1)});
    return Ok();
  }
  Result<std::vector<Entry>> List(const std::string& path) override {
    const std::lock_guard guard(supply_->mutex);
    ASSIGN_OR_RETURN(const disk_model::NodePtr folder, Find(path));
    if (!folder->is_folder) return disk_model::NotFound(path);
    std::vector<Entry> entries;
    for (const auto& [name, node] : folder->entries) {
      entries.push_back(Entry{name, node->is_folder});
    }
    return entries;
  }
  // Grows by a millisecond with every call.
  int64_t NowNs() override {
    const std::lock_guard guard(supply_->mutex);
    return supply_->Tick();
  }

  void SetNowNs(int64_t now_ns) { supply_->now_ns = now_ns; }
  // Times are rounded down to multiples of this, as some file systems do.
  void SetTimestampGranularity(int64_t granularity_ns) { supply_->granularity_ns = granularity_ns; }
  // Every Sync is ok and does nothing: to see that tests notice.
  void ForgetToSync() { supply_->forgets_to_sync = true; }
  // What others do while the next Lock waits.
  void BeforeNextLock(std::function<void()> others) {
    supply_->before_next_lock = std::move(others);
  }
  // So many more steps that change the disk succeed; all calls after them fail.
  void LosePowerAfter(int steps) { supply_->steps_left = steps; }
  bool has_power() const { return supply_->has_power; }
  // So many more steps that need room find it, the next one fails with kDiskFull, all others go on.
  void BeFullAfter(int steps) { supply_->steps_until_full = steps; }
  bool was_full() const { return supply_->was_full; }

  // A disk with power again, all of it synced.
  std::unique_ptr<DiskModel> AfterPowerLoss(Choices& choices) const {
    auto survivor = std::make_unique<DiskModel>();
    survivor->root_ = disk_model::Survivor(*root_, choices);
    survivor->supply_->now_ns = supply_->now_ns;
    survivor->supply_->granularity_ns = supply_->granularity_ns;
    return survivor;
  }

 private:
  Result<disk_model::NodePtr> Find(const std::string& path) const {
    RETURN_IF_ERROR(supply_->Power());
    disk_model::NodePtr node = root_;
    for (size_t begin = 1; begin < path.size();) {
      const size_t end = std::min(path.find('/', begin), path.size());
      const auto found = node->entries.find(path.substr(begin, end - begin));
      if (found == node->entries.end()) return disk_model::NotFound(path);
      node = found->second;
      begin = end + 1;
    }
    return node;
  }
  Result<disk_model::NodePtr> FindFile(const std::string& path) const {
    ASSIGN_OR_RETURN(disk_model::NodePtr node, Find(path));
    if (node->is_folder) return disk_model::NotFound(path);
    return node;
  }
  Status RemoveAllIn(disk_model::Node& folder) {
    while (!folder.entries.empty()) {
      const auto& [name, node] = *folder.entries.begin();
      RETURN_IF_ERROR(RemoveAllIn(*node));
      RETURN_IF_ERROR(supply_->Step());
      node->is_removed = true;
      folder.Record({.removed = std::string(name)});
    }
    return Ok();
  }

  const std::shared_ptr<disk_model::Supply> supply_ = std::make_shared<disk_model::Supply>();
  disk_model::NodePtr root_ = std::make_shared<disk_model::Node>();
};

}  // namespace gnosis
