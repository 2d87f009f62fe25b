// For tests: a store that calls back in the middle, where somebody else may be at work.
#pragma once

#include <functional>
#include <string>

#include "support/forwarding_store.h"

namespace gnosis {

class HookedStore final : public ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  using Hook = std::function<void(const std::string& key)>;

  Hook before_write = [](const std::string&) {};  // of Write, not of StartWrite
  Hook after_read = [](const std::string&) {};
  Hook before_delete_folder = [](const std::string&) {};

  Result<Object> Read(const std::string& key) override {
    auto object = ForwardingStore::Read(key);
    after_read(key);
    return object;
  }
  Result<Generation> Write(const std::string& key, std::string_view bytes,
                           IfGeneration generation) override {
    before_write(key);
    return ForwardingStore::Write(key, bytes, generation);
  }
  Status DeleteFolder(const std::string& folder) override {
    before_delete_folder(folder);
    return ForwardingStore::DeleteFolder(folder);
  }
};

}  // namespace gnosis
