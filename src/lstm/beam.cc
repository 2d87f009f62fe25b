#include "lstm/beam.h"

namespace gnosis {
namespace {

bool SpellTheSame(const PathEnd& a, const PathEnd& b) {
  return a.output == b.output && a.spelling == b.spelling && a.kind == b.kind &&
         a.before_word == b.before_word;
}

}  // namespace

void Beam::Push(const PathEnd& end) {
  if (!Admits(end.score)) return;
  int place = count_ < kWidth ? count_ : worst_;
  for (int i = 0; i < count_; ++i) {
    if (!SpellTheSame(ends_[i], end)) continue;
    if (end.score <= ends_[i].score) return;
    place = i;
    break;
  }
  if (place == count_) ++count_;
  ends_[place] = end;
  worst_ = 0;
  for (int i = 1; i < count_; ++i) {
    if (ends_[i].score < ends_[worst_].score) worst_ = i;
  }
}

}  // namespace gnosis
