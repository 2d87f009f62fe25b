// The few best ways to have read a line up to some column.
#pragma once

#include <cstdint>

#include "lstm/character_set.h"
#include "lstm/dictionary.h"

namespace gnosis {

// The last character that a path began, however long ago.
struct LastCharacter {
  bool exists = false;
  int character = kNoCharacter;
  WordKind kind = WordKind::kNone;
  bool ends_word = false;
  bool before_word = false;
  int32_t place = DictionaryWalk::kNowhere;
};

// The end of a path.
struct PathEnd {
  float score = 0;        // sum of certainties
  float certainty = 0;    // of this column
  uint64_t spelling = 0;  // tells apart what paths spell
  int32_t before = -1;    // where the path up to the column before is kept
  int output = -1;        // -1: no path
  int character = kNoCharacter;
  WordKind kind = WordKind::kUnknown;
  bool before_word = false;  // a word of the dictionary may begin after it
  bool begins_word = false;
  bool goes_on = false;  // the same as the column before, not begun anew
  LastCharacter last;
};

class Beam {
 public:
  static constexpr int kWidth = 5;

  void Clear() { count_ = 0; }
  int size() const { return count_; }
  PathEnd& at(int i) { return ends_[i]; }
  const PathEnd& at(int i) const { return ends_[i]; }
  bool Admits(float score) const { return count_ < kWidth || score > ends_[worst_].score; }
  // Of paths that spell the same only the best one stays, and of all only the best kWidth.
  void Push(const PathEnd& end);

 private:
  PathEnd ends_[kWidth];
  int count_ = 0;
  int worst_ = 0;
};

}  // namespace gnosis
