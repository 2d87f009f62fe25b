#include "api/key_ring.h"

#include <string>
#include <utility>

#include "base/log.h"
#include "session/keys.h"

namespace gnosis {
namespace {

constexpr Seconds kLookEvery{1};
constexpr int kMaxAttempts = 20;

const std::string kFile(kApiKeysKey);

struct StoredKeys {
  std::vector<ApiKey> keys;
  Generation generation = kAbsent;
};

Result<StoredKeys> ReadStored(ObjectStore& store) {
  const auto object = store.Read(kFile);
  if (!object.ok()) {
    if (object.code() == ErrorCode::kNotFound) return StoredKeys{};
    return object.error();
  }
  auto keys = DecodeApiKeys(object->bytes);
  if (!keys.ok()) {
    return Error{keys.code(), kFile + ": " + keys.error().message,
                 "repair or delete it; without it there are no keys"};
  }
  return StoredKeys{*std::move(keys), object->generation};
}

}  // namespace

Result<std::vector<ApiKey>> ReadApiKeys(ObjectStore& store) {
  ASSIGN_OR_RETURN(StoredKeys stored, ReadStored(store));
  return std::move(stored.keys);
}

Status ChangeApiKeys(ObjectStore& store,
                     const std::function<Status(std::vector<ApiKey>& keys)>& change) {
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    ASSIGN_OR_RETURN(StoredKeys stored, ReadStored(store));
    RETURN_IF_ERROR(change(stored.keys));
    const auto written = store.Write(kFile, EncodeApiKeys(stored.keys), stored.generation);
    if (written.ok()) return Ok();
    if (written.code() != ErrorCode::kPreconditionFailed) return written.error();
  }
  return Error{ErrorCode::kUnavailable, "others keep changing the API keys", "try again"};
}

KeyRing::KeyRing(ObjectStore& store, Clock& clock) : store_(store), clock_(clock) {
  keys_.list = std::make_shared<const std::vector<ApiKey>>();
}

KeyRing::Keys KeyRing::Look() {
  std::lock_guard lock(mutex_);
  const Time now = clock_.Now();
  // The clock may be set back.
  if (now < looked_at_ || now - looked_at_ >= kLookEvery) {
    looked_at_ = now;
    Refresh();
  }
  return keys_;
}

KeyRing::Keys KeyRing::LookNow() {
  std::lock_guard lock(mutex_);
  looked_at_ = clock_.Now();
  Refresh();
  return keys_;
}

// A file that cannot be understood lets nobody in; one that cannot be read just now (no free
// descriptor) leaves things as they were.
void KeyRing::Refresh() {
  const auto info = store_.Stat(kFile);
  if (!info.ok() && info.code() != ErrorCode::kNotFound) return;
  const Generation generation = info.ok() ? info->generation : kAbsent;
  if (generation == generation_) return;
  auto stored = ReadStored(store_);
  if (!stored.ok() && stored.code() != ErrorCode::kDamaged) return;
  if (!stored.ok()) {
    Log(LogLevel::kError, "the API keys cannot be read, nobody is let in",
        {{"reason", stored.error().message}});
  }
  generation_ = generation;
  keys_.in_force = true;
  keys_.list = std::make_shared<const std::vector<ApiKey>>(stored.ok() ? std::move(stored->keys)
                                                                       : std::vector<ApiKey>());
}

}  // namespace gnosis
