#include "net/unsent_answers.h"

#include <algorithm>
#include <cmath>

namespace gnosis {
namespace {

// After this long the bytes that a client took count half.
constexpr std::chrono::duration<double> kHalfLife{5};

}  // namespace

void UnsentAnswers::SlowReader::Hold(uint64_t bytes, TimePoint now) {
  if (held_bytes_ == 0 && bytes > 0) {
    place_ = answers_.readers_.insert(answers_.readers_.end(), this);
  } else if (held_bytes_ > 0 && bytes == 0) {
    answers_.readers_.erase(place_);
  }
  answers_.held_bytes_ += bytes - held_bytes_;
  held_bytes_ = bytes;
  while (answers_.held_bytes_ > answers_.max_bytes_ && answers_.readers_.size() > 1) {
    answers_.GiveUpSlowest(now);
  }
}

void UnsentAnswers::SlowReader::Took(uint64_t bytes, TimePoint now) {
  taken_ = TakenOfLate(now) + double(bytes);
  taken_at_ = now;
}

double UnsentAnswers::SlowReader::TakenOfLate(TimePoint now) const {
  return taken_ * std::exp2(-std::max(0.0, (now - taken_at_) / kHalfLife));
}

void UnsentAnswers::GiveUpSlowest(TimePoint now) {
  const auto slowest = std::min_element(readers_.begin(), readers_.end(),
                                        [now](const SlowReader* a, const SlowReader* b) {
                                          return a->TakenOfLate(now) < b->TakenOfLate(now);
                                        });
  SlowReader& reader = **slowest;
  reader.Hold(0, now);
  reader.give_up_();
}

}  // namespace gnosis
