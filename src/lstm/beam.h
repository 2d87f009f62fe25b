// The best few hypotheses for a line up to some column.
#pragma once

#include <cstdint>

#include "lstm/character_set.h"
#include "lstm/dictionary.h"

namespace gnosis {

// The last character that the path began, however many columns ago.
struct LastCharacter {
  bool exists = false;
  int character = kNoCharacter;
  WordKind kind = WordKind::kNone;
  bool ends_word = false;
  bool before_word = false;
  int32_t place = DictionaryWalk::kNowhere;
};

// The last column of a path.
struct PathEnd {
  float score = 0;        // sum of certainties
  float certainty = 0;    // of this column
  uint64_t spelling = 0;  // distinguishes the texts that paths spell
  int32_t before = -1;    // index of the path's previous column
  int output = -1;        // -1: no path
  int character = kNoCharacter;
  WordKind kind = WordKind::kUnknown;
  bool before_word = false;  // a dictionary word may begin after it
  bool begins_word = false;
  bool goes_on = false;  // continues the character of the previous column
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
  // Keeps only the best of the paths that spell the same text, and only the best kWidth of all.
  void Push(const PathEnd& end);

 private:
  PathEnd ends_[kWidth];
  int count_ = 0;
  int worst_ = 0;
};

}  // namespace gnosis
