// For tests: a store that hands everything on to another one, for those that lie about one thing.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "session/object_store.h"

namespace gnosis {

class ForwardingStore : public ObjectStore {
 public:
  explicit ForwardingStore(ObjectStore& store) : store_(store) {}
  Result<Object> Read(const std::string& key) override { return store_.Read(key); }
  Result<ObjectInfo> Stat(const std::string& key) override { return store_.Stat(key); }
  Result<FileDescriptor> Open(const std::string& key) override { return store_.Open(key); }
  Result<Generation> Write(const std::string& key, std::string_view bytes,
                           IfGeneration generation) override {
    return store_.Write(key, bytes, generation);
  }
  Result<std::unique_ptr<ObjectWriter>> StartWrite(const std::string& key,
                                                   IfGeneration generation) override {
    return store_.StartWrite(key, generation);
  }
  Result<std::vector<std::string>> List(const std::string& prefix) override {
    return store_.List(prefix);
  }
  Result<std::vector<std::string>> ListFolders(const std::string& folder) override {
    return store_.ListFolders(folder);
  }
  Result<uint64_t> SizeOf(const std::string& folder) override { return store_.SizeOf(folder); }
  Status Delete(const std::string& key, IfGeneration generation) override {
    return store_.Delete(key, generation);
  }
  Status DeleteFolder(const std::string& folder) override { return store_.DeleteFolder(folder); }

 private:
  ObjectStore& store_;
};

}  // namespace gnosis
