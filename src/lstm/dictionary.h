// Checks whether letters may follow one another, using the word lists of a model: words, numbers
// (one symbol represents all digits), and the punctuation allowed around them.
//
// A walk begins at kWordStart; Follow() returns where a letter leads. Places that were reached and
// the steps between them are cached: decoding a line repeats the same steps many times.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lstm/character_set.h"
#include "lstm/dawg.h"

namespace gnosis {

// What kind of word a run of characters is; greater values are better known (Tesseract's numbers).
enum class WordKind : uint8_t {
  kNone = 0,
  kPunctuation = 1,
  kUnknown = 2,
  kNumber = 6,
  kWord = 8,
};

class Dictionary {
 public:
  // Views of the parts of a model file, which must outlive the dictionary; an empty view means that
  // the list is absent.
  static Result<Dictionary> Read(std::string_view punctuation, std::string_view words,
                                 std::string_view numbers, const CharacterSet& characters);
  bool empty() const { return !punctuation_ && !words_ && !numbers_; }

 private:
  friend class DictionaryWalk;
  std::optional<Dawg> punctuation_;
  std::optional<Dawg> words_;
  std::optional<Dawg> numbers_;
  bool words_need_punctuation_ = false;  // words begin only where the punctuation list allows
};

class DictionaryWalk {
 public:
  static constexpr int32_t kWordStart = 0;
  static constexpr int32_t kNowhere = -1;

  struct Step {
    WordKind kind = WordKind::kNone;  // kNone: the letter cannot follow
    bool ends_word = false;
    int32_t place = kNowhere;
  };

  DictionaryWalk(const Dictionary& dictionary, const CharacterSet& characters);
  Step Follow(int32_t place, int character);
  // Call between lines only: it may invalidate earlier places.
  void ForgetIfLarge();

 private:
  // One way to reach a place: by the punctuation list alone, or from it into another list and
  // perhaps back. Each edge is the last one taken in its list.
  struct Position {
    const Dawg* list = nullptr;
    int32_t list_edge = kNoEdge;
    int32_t punctuation_edge = kNoEdge;
    bool in_punctuation = false;  // the punctuation list is in use
    bool back_in_punctuation = false;
    bool operator==(const Position&) const = default;
  };
  struct Place {
    uint32_t first = 0;
    uint32_t count = 0;
  };
  struct Remembered {
    int32_t place = kNowhere;
    int32_t character = 0;
    Step step;
  };

  void Forget();
  Step Compute(int32_t place, int character);
  void FollowFromPunctuation(const Position& from, int character, Step& step);
  void FollowInList(const Position& from, int character, Step& step);
  void BackToPunctuation(const Position& from, int character, Step& step);
  void Add(const Position& position, WordKind kind, bool ends_word, Step& step);
  int LetterFor(const Dawg* list, int character) const;
  WordKind KindOf(const Dawg* list) const;
  size_t SlotFor(int32_t place, int character) const;
  void Grow();

  const Dictionary& dictionary_;
  const CharacterSet& characters_;
  std::vector<Position> positions_;
  std::vector<Place> places_;
  size_t first_new_ = 0;                // first position of the place being computed
  std::vector<Remembered> remembered_;  // open addressing; size is a power of two
  size_t remembered_count_ = 0;
};

}  // namespace gnosis
