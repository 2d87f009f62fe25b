// For tests: a store whose k-th call fails, or is the last that this process made.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/forwarding_store.h"

namespace gnosis {

class FaultyStore final : public ObjectStore {
 public:
  enum class Fault {
    kNone,
    kDiskFull,     // ENOSPC: of writes; other calls go well
    kIo,           // EIO
    kPermission,   // EACCES
    kLostAnswer,   // it happened, but the answer is kUnavailable
    kDeathBefore,  // the process dies: nothing happened, and nothing it calls later does
    kDeathAfter,   // likewise, but this call happened
  };
  FaultyStore(ObjectStore& inner, Fault fault, int at_call)
      : inner_(inner), fault_(fault), at_call_(at_call) {}

  // Calls so far; less than `at_call` when the fault never came.
  int calls() const { return calls_; }
  bool dead() const { return dead_; }

  Result<Object> Read(const std::string& key) override {
    return Do<Kind::kLook>([&] { return inner_.Read(key); });
  }
  Result<ObjectInfo> Stat(const std::string& key) override {
    return Do<Kind::kLook>([&] { return inner_.Stat(key); });
  }
  Result<FileDescriptor> Open(const std::string& key) override {
    return Do<Kind::kLook>([&] { return inner_.Open(key); });
  }
  Result<Generation> Write(const std::string& key, std::string_view bytes,
                           IfGeneration if_generation) override {
    return Do<Kind::kWrite>([&] { return inner_.Write(key, bytes, if_generation); });
  }
  Result<std::unique_ptr<ObjectWriter>> StartWrite(const std::string& key,
                                                   IfGeneration if_generation) override;
  Result<std::vector<std::string>> List(const std::string& prefix) override {
    return Do<Kind::kLook>([&] { return inner_.List(prefix); });
  }
  Result<std::vector<std::string>> ListFolders(const std::string& folder) override {
    return Do<Kind::kLook>([&] { return inner_.ListFolders(folder); });
  }
  Result<uint64_t> SizeOf(const std::string& folder) override {
    return Do<Kind::kLook>([&] { return inner_.SizeOf(folder); });
  }
  Status Delete(const std::string& key, IfGeneration if_generation) override {
    return Do<Kind::kDelete>([&] { return inner_.Delete(key, if_generation); });
  }
  Status DeleteFolder(const std::string& folder) override {
    return Do<Kind::kDelete>([&] { return inner_.DeleteFolder(folder); });
  }

 private:
  class Writer;
  enum class Kind { kLook, kWrite, kDelete };

  static Error ErrorOf(Fault fault) {
    switch (fault) {
      case Fault::kDiskFull:
        return {ErrorCode::kDiskFull, "no space left on the device", ""};
      case Fault::kPermission:
        return {ErrorCode::kPermission, "not allowed", ""};
      case Fault::kLostAnswer:
        return {ErrorCode::kUnavailable, "the answer was lost", ""};
      default:
        return {ErrorCode::kIo, "the device is broken", ""};
    }
  }

  template <Kind kKind, typename Call>
  auto Do(const Call& call) -> decltype(call()) {
    if (dead_) return ErrorOf(Fault::kIo);
    if (++calls_ != at_call_ || fault_ == Fault::kNone) return call();
    if (fault_ == Fault::kDiskFull && kKind != Kind::kWrite) return call();
    if (fault_ == Fault::kLostAnswer || fault_ == Fault::kDeathAfter) (void)call();
    dead_ = fault_ == Fault::kDeathBefore || fault_ == Fault::kDeathAfter;
    return ErrorOf(fault_);
  }

  ObjectStore& inner_;
  const Fault fault_;
  const int at_call_;
  int calls_ = 0;
  bool dead_ = false;
};

class FaultyStore::Writer final : public ObjectWriter {
 public:
  Writer(FaultyStore& store, std::unique_ptr<ObjectWriter> inner)
      : store_(store), inner_(std::move(inner)) {}
  Status Append(std::string_view bytes) override {
    return store_.Do<Kind::kWrite>([&] { return inner_->Append(bytes); });
  }
  Result<Generation> Commit() override {
    return store_.Do<Kind::kWrite>([&] { return inner_->Commit(); });
  }

 private:
  FaultyStore& store_;
  const std::unique_ptr<ObjectWriter> inner_;
};

inline Result<std::unique_ptr<ObjectWriter>> FaultyStore::StartWrite(const std::string& key,
                                                                     IfGeneration if_generation) {
  auto inner = Do<Kind::kWrite>([&] { return inner_.StartWrite(key, if_generation); });
  if (!inner.ok()) return inner.error();
  return std::unique_ptr<ObjectWriter>(std::make_unique<Writer>(*this, *std::move(inner)));
}

}  // namespace gnosis
