#include "api/shared_news.h"

#include <algorithm>
#include <utility>

#include "api/page_view.h"

namespace gnosis {
namespace {

// Expiring leases change the displayed state without a new revision: checked at this interval.
constexpr Milliseconds kCompareAgainAfter{1000};

template <typename Value>
void Mix(uint64_t& hash, const Value& value) {
  hash ^= std::hash<Value>()(value) + 0x9E3779B97F4A7C15 + (hash << 6) + (hash >> 2);
}

uint64_t HashOfShown(const PageEntry& entry, Time now) {
  uint64_t hash = uint64_t(ShownStatus(entry, now));
  Mix(hash, entry.edition);
  Mix(hash, entry.confidence.value_or(-1));
  Mix(hash, entry.source);
  Mix(hash, entry.error.has_value());
  if (entry.error) Mix(hash, *entry.error);
  return hash;
}

}  // namespace

bool JobNews::IsAsBefore(const Processing& record, Time now) const {
  return compared_at_ && revision_ == record.revision && epoch_ == record.epoch &&
         shown_.size() == record.pages.size() && now >= *compared_at_ &&
         now - *compared_at_ < kCompareAgainAfter;
}

void JobNews::Look(const Processing& record, Time now,
                   const std::function<void(const NewsMarks&)>& look) {
  std::lock_guard lock(mutex_);
  if (!IsAsBefore(record, now)) {
    const NewsMark next = marks_.now + 1;
    shown_.resize(record.pages.size());
    marks_.changed.resize(record.pages.size(), next);
    size_t place = 0;
    for (const auto& [page, entry] : record.pages) {
      const uint64_t hash = HashOfShown(entry, now);
      if (std::exchange(shown_[place], hash) != hash) marks_.changed[place] = marks_.now = next;
      ++place;
    }
    revision_ = record.revision;
    epoch_ = record.epoch;
    compared_at_ = now;
  }
  look(marks_);
}

JobNews::Text JobNews::Find(const Step& step) {
  std::lock_guard lock(mutex_);
  return last_text_ && last_step_ == step ? last_text_ : nullptr;
}

void JobNews::Keep(const Step& step, Text text) {
  std::lock_guard lock(mutex_);
  last_step_ = step;
  last_text_ = std::move(text);
}

std::shared_ptr<JobNews> SharedNews::Of(const SessionKey& session) {
  std::lock_guard lock(mutex_);
  if (jobs_.size() >= sweep_at_) {
    std::erase_if(jobs_, [](const auto& job) { return job.second.expired(); });
    sweep_at_ = 2 * jobs_.size() + 100;
  }
  std::weak_ptr<JobNews>& known = jobs_[session];
  auto news = known.lock();
  if (!news) known = news = std::make_shared<JobNews>();
  return news;
}

NewsMark ToldPages::At(size_t page) const {
  const auto found = std::upper_bound(before_.begin(), before_.end(), page,
                                      [](size_t value, const Run& run) { return value < run.end; });
  return found == before_.end() ? 0 : found->mark;
}

void ToldPages::TellUpTo(size_t end, NewsMark mark) {
  if (!round_.empty() && round_.back().mark == mark) {
    round_.back().end = end;
  } else {
    round_.push_back({end, mark});
  }
}

void ToldPages::EndRound() { before_ = std::exchange(round_, {}); }

std::optional<NewsMark> ToldPages::all() const {
  if (!round_.empty() || before_.size() != 1) return std::nullopt;
  return before_.front().mark;
}

}  // namespace gnosis
