// keys.json in the data folder: how it is changed, and how a running server follows it.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "api/api_keys.h"
#include "base/clock.h"
#include "session/object_store.h"

namespace gnosis {

// {} when there is no file. kDamaged.
Result<std::vector<ApiKey>> ReadApiKeys(ObjectStore& store);
// Reads, changes and writes back; a lost race begins anew. The error of `change` ends it.
Status ChangeApiKeys(ObjectStore& store,
                     const std::function<Status(std::vector<ApiKey>& keys)>& change);

// The keys as they are now.
class KeyRing {
 public:
  struct Keys {
    // There is a keys.json, or was since the start: who has no key may not call. An empty list
    // keeps everybody out; that the last key was revoked must not open the door.
    bool in_force = false;
    std::shared_ptr<const std::vector<ApiKey>> list;  // shared with the calls that look into it
  };

  KeyRing(ObjectStore& store, Clock& clock);
  // At most a second old.
  Keys Look();
  // As the file is now: who has just been given a key shall not have to wait.
  Keys LookNow();

 private:
  void Refresh();

  ObjectStore& store_;
  Clock& clock_;
  std::mutex mutex_;
  Keys keys_;
  Generation generation_ = kAbsent;
  Time looked_at_{};
};

}  // namespace gnosis
