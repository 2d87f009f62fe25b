#include "lstm/line_words.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace gnosis {
namespace {

constexpr float kCertaintyScale = 7;  // to the scale of Tesseract's confidences

// A character and its columns, [begin, end).
struct Reading {
  int character = kNoCharacter;
  int begin = 0;
  int end = 0;
  float certainty = 0;  // of the least certain column
  float rating = 0;     // minus the certainties of all
};

// Empty columns count towards the character after them; before a blank, towards the character
// before them; at the end of the line, towards the last character.
class ReadingCollector {
 public:
  explicit ReadingCollector(const std::vector<PathColumn>& path) : path_(path) {}

  std::vector<Reading> Collect() {
    while (at_ < path_.size()) {
      const Columns nothing = SkipNothing();
      if (at_ == path_.size()) {
        GiveToLast(nothing);
      } else {
        TakeCharacter(nothing);
      }
    }
    return std::move(readings_);
  }

 private:
  struct Columns {
    double certainty = 0;  // the minimum
    double rating = 0;
  };

  Columns SkipNothing() {
    Columns nothing;
    for (; at_ < path_.size() && path_[at_].character == kNoCharacter; ++at_) {
      nothing.certainty = std::min(nothing.certainty, double(path_[at_].certainty));
      nothing.rating -= path_[at_].certainty;
    }
    return nothing;
  }

  void GiveToLast(const Columns& nothing) {
    if (readings_.empty()) return;
    Reading& last = readings_.back();
    if (nothing.certainty < last.certainty) last.certainty = float(nothing.certainty);
    last.rating += float(nothing.rating);
  }

  void TakeCharacter(Columns columns) {
    const PathColumn& first = path_[at_];
    const bool is_blank = first.character == kSpaceCharacter;
    if (is_blank && !readings_.empty() && first.kind != WordKind::kNone) {
      GiveToLast(std::exchange(columns, {}));
    }
    Reading reading{first.character, int(at_), 0, 0, 0};
    do {
      const PathColumn& column = path_[at_++];
      // The empty columns before such a blank do not count: a dictionary word follows.
      const bool forget = is_blank && column.kind == WordKind::kNone;
      if (column.certainty < columns.certainty || forget) columns.certainty = column.certainty;
      columns.rating -= column.certainty;
    } while (at_ < path_.size() && path_[at_].goes_on);
    reading.end = int(at_);
    reading.certainty = float(columns.certainty);
    reading.rating = float(columns.rating);
    readings_.push_back(reading);
  }

  const std::vector<PathColumn>& path_;
  size_t at_ = 0;
  std::vector<Reading> readings_;
};

// The boundary between two characters is halfway between the end of one and the start of the next.
std::vector<int> Boundaries(const std::vector<Reading>& readings, int width) {
  std::vector<int> boundaries = {0};
  for (size_t i = 0; i + 1 < readings.size(); ++i) {
    boundaries.push_back(readings[i].end + (readings[i + 1].begin - readings[i].end) / 2);
  }
  boundaries.push_back(width);
  return boundaries;
}

class WordCollector {
 public:
  WordCollector(const std::vector<PathColumn>& path, const CharacterSet& characters,
                float pixels_per_column)
      : path_(path),
        characters_(characters),
        pixels_per_column_(pixels_per_column),
        readings_(ReadingCollector(path).Collect()),
        boundaries_(Boundaries(readings_, int(path.size()))) {}

  std::vector<LineWord> Collect() {
    float blank_before = 0;
    size_t begin = 0;
    while (begin < readings_.size()) {
      const size_t end = WordEnd(begin);
      const bool blank_follows = end < readings_.size() && IsBlank(end);
      const float blank_after = blank_follows ? readings_[end].certainty : 0;
      words_.push_back(MakeWord(begin, end, std::min(blank_before, blank_after)));
      blank_before = blank_after;
      begin = blank_follows ? end + 1 : end;
    }
    return std::move(words_);
  }

 private:
  bool IsBlank(size_t i) const { return readings_[i].character == kSpaceCharacter; }
  bool IsSpaceDelimited(size_t i) const {
    return characters_.characters[size_t(readings_[i].character)].is_space_delimited;
  }

  size_t WordEnd(size_t begin) const {
    size_t end = begin + 1;
    for (; end < readings_.size() && !IsBlank(end); ++end) {
      const PathColumn& column = path_[size_t(readings_[end].begin)];
      if (column.begins_word) break;
      const bool part = !IsSpaceDelimited(end) || !IsSpaceDelimited(end - 1);
      if (column.kind == WordKind::kUnknown && part) break;
    }
    return end;
  }

  // A word is as certain as its least certain character or adjacent blank.
  LineWord MakeWord(size_t begin, size_t end, float blanks) const {
    LineWord word;
    float certainty = blanks;
    for (size_t i = begin; i < end; ++i) {
      const Reading& reading = readings_[i];
      word.text += characters_.characters[size_t(reading.character)].text;
      word.characters.push_back({reading.character,
                                 int(std::floor(float(boundaries_[i]) * pixels_per_column_)),
                                 int(std::ceil(float(boundaries_[i + 1]) * pixels_per_column_))});
      certainty = std::min(certainty, reading.certainty);
      word.rating += reading.rating;
    }
    word.certainty = certainty * kCertaintyScale;
    word.kind = path_[size_t(readings_[end - 1].begin)].kind;
    return word;
  }

  const std::vector<PathColumn>& path_;
  const CharacterSet& characters_;
  const float pixels_per_column_;
  std::vector<Reading> readings_;
  std::vector<int> boundaries_;
  std::vector<LineWord> words_;
};

}  // namespace

std::vector<LineWord> CollectWords(const std::vector<PathColumn>& path,
                                   const CharacterSet& characters, float pixels_per_column) {
  return WordCollector(path, characters, pixels_per_column).Collect();
}

}  // namespace gnosis
