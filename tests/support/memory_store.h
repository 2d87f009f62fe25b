// An object store in memory, for tests: generations count up, nothing fails.
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "session/object_store.h"

namespace gnosis {

class MemoryStore final : public ObjectStore {
 public:
  // Sees every write and delete before it happens: where a test checks invariants.
  std::function<void(const std::string& key, const std::string* bytes)> on_change;

  Result<Object> Read(const std::string& key) override {
    std::lock_guard lock(mutex_);
    const auto found = objects_.find(key);
    if (found == objects_.end()) return NotFound(key);
    return found->second;
  }
  Result<ObjectInfo> Stat(const std::string& key) override {
    std::lock_guard lock(mutex_);
    const auto found = objects_.find(key);
    if (found == objects_.end()) return NotFound(key);
    return ObjectInfo{found->second.bytes.size(), found->second.generation};
  }
  Result<FileDescriptor> Open(const std::string& key) override {
    std::lock_guard lock(mutex_);
    const auto found = objects_.find(key);
    if (found == objects_.end()) return NotFound(key);
    const std::string& bytes = found->second.bytes;
    FileDescriptor file(::memfd_create("object", MFD_CLOEXEC));
    if (::write(file.get(), bytes.data(), bytes.size()) != ssize_t(bytes.size())) {
      return ErrnoError(errno, key);
    }
    return file;
  }
  Result<Generation> Write(const std::string& key, std::string_view bytes,
                           IfGeneration if_generation) override {
    std::lock_guard lock(mutex_);
    if (!Matches(key, if_generation)) return Changed(key);
    const std::string copy(bytes);
    if (on_change) on_change(key, &copy);
    objects_[key] = Object{copy, ++last_generation_};
    return last_generation_;
  }
  Result<std::unique_ptr<ObjectWriter>> StartWrite(const std::string& key,
                                                   IfGeneration if_generation) override;
  Result<std::vector<std::string>> List(const std::string& prefix) override {
    std::lock_guard lock(mutex_);
    std::vector<std::string> keys;
    for (auto it = objects_.lower_bound(prefix);
         it != objects_.end() && it->first.starts_with(prefix); ++it) {
      if (it->first.find('/', prefix.size()) == std::string::npos) keys.push_back(it->first);
    }
    return keys;
  }
  Result<std::vector<std::string>> ListFolders(const std::string& folder) override {
    std::lock_guard lock(mutex_);
    std::vector<std::string> folders;
    for (auto it = objects_.lower_bound(folder);
         it != objects_.end() && it->first.starts_with(folder); ++it) {
      const size_t slash = it->first.find('/', folder.size());
      if (slash == std::string::npos) continue;
      std::string child = it->first.substr(0, slash + 1);
      if (folders.empty() || folders.back() != child) folders.push_back(std::move(child));
    }
    return folders;
  }
  Result<uint64_t> SizeOf(const std::string& folder) override {
    std::lock_guard lock(mutex_);
    uint64_t size_bytes = 0;
    for (auto it = objects_.lower_bound(folder);
         it != objects_.end() && it->first.starts_with(folder); ++it) {
      size_bytes += it->second.bytes.size();
    }
    return size_bytes;
  }
  Status Delete(const std::string& key, IfGeneration if_generation) override {
    std::lock_guard lock(mutex_);
    if (!Matches(key, if_generation)) return Changed(key);
    if (!objects_.contains(key)) return Ok();
    if (on_change) on_change(key, nullptr);
    objects_.erase(key);
    return Ok();
  }
  Status DeleteFolder(const std::string& folder) override {
    std::lock_guard lock(mutex_);
    std::erase_if(objects_, [&](const auto& object) {
      const bool under = object.first.starts_with(folder);
      if (under && on_change) on_change(object.first, nullptr);
      return under;
    });
    return Ok();
  }

 private:
  class Writer;

  bool Matches(const std::string& key, IfGeneration if_generation) const {
    if (!if_generation) return true;
    const auto found = objects_.find(key);
    return *if_generation == (found == objects_.end() ? kAbsent : found->second.generation);
  }
  static Error NotFound(const std::string& key) { return {ErrorCode::kNotFound, key, ""}; }
  static Error Changed(const std::string& key) { return {ErrorCode::kPreconditionFailed, key, ""}; }

  std::recursive_mutex mutex_;  // on_change may look at the store
  std::map<std::string, Object> objects_;
  Generation last_generation_ = 0;
};

class MemoryStore::Writer final : public ObjectWriter {
 public:
  Writer(MemoryStore& store, std::string key, IfGeneration if_generation)
      : store_(store), key_(std::move(key)), if_generation_(if_generation) {}
  Status Append(std::string_view bytes) override {
    bytes_ += bytes;
    return Ok();
  }
  Result<Generation> Commit() override { return store_.Write(key_, bytes_, if_generation_); }

 private:
  MemoryStore& store_;
  const std::string key_;
  const IfGeneration if_generation_;
  std::string bytes_;
};

inline Result<std::unique_ptr<ObjectWriter>> MemoryStore::StartWrite(const std::string& key,
                                                                     IfGeneration if_generation) {
  return std::unique_ptr<ObjectWriter>(std::make_unique<Writer>(*this, key, if_generation));
}

}  // namespace gnosis
