// keys.json in the data folder: how it is changed, and how a running server follows it.
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

// {} when there is no file. kDamaged; kPermission: it is there, but not for us.
Result<std::vector<ApiKey>> ReadApiKeys(ObjectStore& store);
// Reads, changes and writes back; a lost race begins anew. The error of `change` ends it.
Status ChangeApiKeys(ObjectStore& store,
                     const std::function<Status(std::vector<ApiKey>& keys)>& change);

// The keys as they are now.
//
// The life of what is known of the file: nothing (nobody is let in) -> looked at; there is none,
// and there never was one: keys are not in force -> there is one: its keys are, for as long as this
// process lives. A file that cannot be understood, may not be read, or has vanished lets nobody in
// until it is good again. One that cannot be read just now (no free descriptor, the bucket is away)
// leaves things as they were.
//
// The store is asked on a thread of its own and under no lock: a list that is getting old is looked
// at anew while it still serves, and a store that hangs holds nobody for longer than `patience`.
class KeyRing {
 public:
  struct Keys {
    // Who has no key may not call. An empty list keeps everybody out; that the last key was revoked
    // must not open the door.
    bool in_force = true;
    std::shared_ptr<const std::vector<ApiKey>> list;  // shared with the calls that look into it
    std::string trouble;  // why nobody is let in, whatever the key; "": the list is good
  };

  static constexpr Milliseconds kPatience{1'000};

  // `store` and `clock` must outlive it. Its end waits for a look under way.
  KeyRing(ObjectStore& store, Clock& clock, Milliseconds patience = kPatience);
  // At most a second old, unless the store is slower than `patience`.
  Keys Look();
  // For a key that is not in the list: as the file is now, if nobody asked for that within the last
  // second. Who has just been given a key shall not have to wait; who guesses shall not set the
  // pace at which the store is asked.
  Keys LookAgain();
  // What was last seen. Never waits.
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
  mutable std::mutex mutex_;  // never held while the store is asked
  Keys keys_;
  std::optional<Time> looked_at_;  // when the last look that ended was asked for
  std::optional<Time> looked_again_at_;
  Time asked_at_{};
  // Of the refresher's thread alone.
  std::optional<Generation> generation_;  // of what `keys_` says; nothing: read it in any case
  bool was_in_force_ = false;
  std::optional<ErrorCode> reported_;  // what the log was told last
  Refresher refresher_;                // ends before what it uses
};

}  // namespace gnosis
