#include "google/write_pacer.h"

#include <algorithm>
#include <utility>

namespace gnosis {
namespace {

constexpr size_t kManyEntries = 1024;

}  // namespace

WritePacer::WritePacer(Milliseconds interval, const Timing& timing, std::stop_token stop)
    : interval_(interval), timing_(timing), stop_(std::move(stop)) {}

WritePacer::Turn::Turn(WritePacer& pacer, std::string key) : pacer_(pacer), key_(std::move(key)) {
  pacer_.Begin(key_);
}
WritePacer::Turn::~Turn() { pacer_.End(key_); }

void WritePacer::Turn::Wrote() {
  const std::lock_guard lock(pacer_.mutex_);
  pacer_.entries_[key_].next = pacer_.timing_.Now() + pacer_.interval_;
}

void WritePacer::Begin(const std::string& key) {
  Milliseconds wait{0};
  {
    std::unique_lock lock(mutex_);
    if (entries_.size() > kManyEntries) DropOldEntries(timing_.Now());
    Entry& entry = entries_[key];
    ++entry.waiting;
    changed_.wait(lock, [&] { return !entry.is_writing; });
    --entry.waiting;
    entry.is_writing = true;
    // A clock that was set back must not delay writes for long.
    wait = std::min<Milliseconds>(entry.next - timing_.Now(), interval_);
  }
  if (wait > Milliseconds(0)) timing_.Sleep(wait, stop_);
}

void WritePacer::End(const std::string& key) {
  const std::lock_guard lock(mutex_);
  entries_[key].is_writing = false;
  changed_.notify_all();
}

void WritePacer::DropOldEntries(Time now) {
  std::erase_if(entries_, [&](const auto& item) {
    const Entry& entry = item.second;
    return !entry.is_writing && entry.waiting == 0 && entry.next <= now;
  });
}

}  // namespace gnosis
