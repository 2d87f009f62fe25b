#include "door/key_ring.h"

#include <string>
#include <utility>

#include "base/log.h"
#include "session/keys.h"

namespace gnosis {
namespace {

// At an age between the two, the list is used while it is being refreshed: if the store responds in
// time, nobody ever waits for it.
constexpr Milliseconds kFreshFor{700};
constexpr Milliseconds kGoodFor{1'000};
constexpr Seconds kBetweenSecondLooks{1};
constexpr int kMaxAttempts = 20;

const std::string kFile(kApiKeysKey);

struct StoredKeys {
  std::vector<ApiKey> keys;
  Generation generation = kAbsent;
};

// An error of the store about the file, with a hint.
Error Explained(const Error& error) {
  if (error.code != ErrorCode::kPermission) return error;
  return {error.code, kFile + " cannot be read: " + error.message,
          error.hint.empty()
              ? "use chown to give the file and its folder to the user that runs the server"
              : error.hint};
}

// A temporary error that says nothing about the keys.
bool IsPassing(ErrorCode code) {
  switch (code) {
    case ErrorCode::kIo:  // such as no free descriptor
    case ErrorCode::kDiskFull:
    case ErrorCode::kUnavailable:
    case ErrorCode::kTimeout:
    case ErrorCode::kTooManyRequests:
    case ErrorCode::kInterrupted:
      return true;
    default:
      return false;
  }
}

std::shared_ptr<const std::vector<ApiKey>> Shared(std::vector<ApiKey> keys) {
  return std::make_shared<const std::vector<ApiKey>>(std::move(keys));
}

Result<StoredKeys> ReadStored(ObjectStore& store) {
  const auto object = store.Read(kFile);
  if (!object.ok()) {
    if (object.code() == ErrorCode::kNotFound) return StoredKeys{};
    return Explained(object.error());
  }
  auto keys = DecodeApiKeys(object->bytes);
  if (!keys.ok()) {
    return Error{keys.code(), kFile + ": " + keys.error().message,
                 "repair or delete the file; without it there are no keys"};
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
  return Error{ErrorCode::kUnavailable, "other processes keep changing the API keys", "try again"};
}

struct KeyRing::Seen {
  Status status;                     // not ok: nobody is admitted, or nothing is known now
  std::optional<StoredKeys> stored;  // nothing: unchanged
};

KeyRing::KeyRing(ObjectStore& store, Clock& clock, Milliseconds patience)
    : store_(store), clock_(clock), patience_(patience), refresher_([this] { Refresh(); }) {
  keys_.list = Shared({});
  keys_.trouble = "the API keys have not been read yet";
}

KeyRing::Keys KeyRing::Peek() const {
  const std::lock_guard lock(mutex_);
  return keys_;
}

void KeyRing::Ask(Time now) {
  {
    const std::lock_guard lock(mutex_);
    asked_at_ = now;
  }
  refresher_.Start();
}

KeyRing::Keys KeyRing::Look() {
  const Time now = clock_.Now();
  Milliseconds age = kGoodFor;
  {
    const std::lock_guard lock(mutex_);
    if (looked_at_) age = now - *looked_at_;
    // The clock may have been set back.
    if (age < Milliseconds(0)) age = kGoodFor;
    if (age < kFreshFor) return keys_;
  }
  Ask(now);
  if (age >= kGoodFor) refresher_.Wait(patience_);
  return Peek();
}

KeyRing::Keys KeyRing::LookAgain() {
  const Time now = clock_.Now();
  {
    const std::lock_guard lock(mutex_);
    const bool is_due = !looked_again_at_ || now < *looked_again_at_ ||
                        now - *looked_again_at_ >= kBetweenSecondLooks;
    if (!is_due) return keys_;
    looked_again_at_ = now;
  }
  Ask(now);
  refresher_.Wait(patience_);
  return Peek();
}

KeyRing::Seen KeyRing::ReadChanges() {
  const auto info = store_.Stat(kFile);
  if (!info.ok() && info.code() != ErrorCode::kNotFound) return {Explained(info.error()), {}};
  if (generation_ == (info.ok() ? info->generation : kAbsent)) return {Ok(), {}};
  auto stored = info.ok() ? ReadStored(store_) : Result<StoredKeys>(StoredKeys{});
  if (!stored.ok()) return {stored.error(), {}};
  if (stored->generation == kAbsent && was_in_force_) {
    return {Error{ErrorCode::kNotFound, kFile + " has disappeared",
                  "add a key, or restart the server to run without keys"},
            {}};
  }
  return {Ok(), *std::move(stored)};
}

void KeyRing::Refresh() {
  Time asked_at;
  {
    const std::lock_guard lock(mutex_);
    asked_at = asked_at_;
  }
  Seen seen = ReadChanges();
  Report(seen.status);
  const bool lets_nobody_in = !seen.status.ok() && !IsPassing(seen.status.code());
  if (seen.stored) generation_ = seen.stored->generation;
  if (lets_nobody_in) generation_.reset();
  was_in_force_ = was_in_force_ || lets_nobody_in || (seen.stored && *generation_ != kAbsent);
  const std::lock_guard lock(mutex_);
  looked_at_ = asked_at;
  if (seen.stored) {
    keys_ = {was_in_force_, Shared(std::move(seen.stored->keys)), ""};
  } else if (lets_nobody_in) {
    keys_ = {true, Shared({}), seen.status.error().message};
  }
}

// Logs a problem once when it begins and once when it ends: the file is checked every second.
void KeyRing::Report(const Status& status) {
  const auto trouble = status.ok() ? std::nullopt : std::optional(status.code());
  if (trouble == reported_) return;
  reported_ = trouble;
  if (status.ok()) {
    Log(LogLevel::kInfo, "the API keys can be read again");
  } else if (IsPassing(status.code())) {
    Log(LogLevel::kWarning, "the API keys cannot be read at the moment; the known keys stay valid",
        {{"reason", status.error().message}});
  } else {
    Log(LogLevel::kError, "the API keys cannot be read, so nobody has access",
        {{"reason", status.error().message}, {"hint", status.error().hint}});
  }
}

}  // namespace gnosis
