// keys.json in the data folder: changing it, and following it in a running server.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/refresher.h"
#include "door/api_keys.h"
#include "session/object_store.h"

namespace gnosis {

// {} if there is no file. kDamaged; kPermission: it exists, but we may not read it.
Result<std::vector<ApiKey>> ReadApiKeys(ObjectStore& store);
// Reads, changes and writes back; starts over after losing a race. An error of `change` ends it.
Status ChangeApiKeys(ObjectStore& store,
                     const std::function<Status(std::vector<ApiKey>& keys)>& change);

// The current keys.
//
// Known state of the file: nothing at first (nobody is admitted). If it then turns out that there
// is no file and never was, keys are not in force; once there is one, they are, for the rest of
// this process's life. While the file is invalid, not permitted to be read, or has vanished, nobody
// is admitted. If it cannot be read at the moment (no free descriptor, the bucket is unavailable),
// the previous state remains.
//
// The store is queried on a separate thread and without holding a lock: an ageing list is refreshed
// while it remains in use, and a hanging store delays nobody for longer than `patience`.
class KeyRing {
 public:
  struct Keys {
    // Callers need a key. An empty list admits nobody: revoking the last key must not open the
    // server.
    bool in_force = true;
    std::shared_ptr<const std::vector<ApiKey>> list;  // shared with calls that are using it
    std::string trouble;  // why no key is accepted; "": the list is valid
  };

  static constexpr Milliseconds kPatience{1'000};

  // `store` and `clock` must outlive it. The destructor waits for a query in progress.
  KeyRing(ObjectStore& store, Clock& clock, Milliseconds patience = kPatience);
  // At most a second old, unless the store is slower than `patience`.
  Keys Look();
  // For a key that is not in the list: the current file, unless it was queried this way within the
  // last second. New keys work immediately, but attempts with wrong keys do not determine how often
  // the store is queried.
  Keys LookAgain();
  // The last known state. Never waits.
  Keys Peek() const;

 private:
  void Ask(Time now);
  struct Seen;
  // On the refresher's thread.
  void Refresh();
  Seen ReadChanges();
  void Report(const Status& status);

  ObjectStore& store_;
  Clock& clock_;
  const Milliseconds patience_;
  mutable std::mutex mutex_;  // never held while the store is queried
  Keys keys_;
  std::optional<Time> looked_at_;  // start time of the last completed query
  std::optional<Time> looked_again_at_;
  Time asked_at_{};
  // Used only by the refresher's thread.
  std::optional<Generation> generation_;  // of the file in `keys_`; nothing: always read it
  bool was_in_force_ = false;
  std::optional<ErrorCode> reported_;  // what was last logged
  Refresher refresher_;                // destroyed before what it uses
};

}  // namespace gnosis
