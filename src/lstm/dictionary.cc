#include "lstm/dictionary.h"

#include <algorithm>

namespace gnosis {
namespace {

// Represents a word in the punctuation list, any digit in the number list.
constexpr int kPattern = 0;
constexpr size_t kFirstSlots = 1 << 10;
constexpr size_t kManyPlaces = 1 << 16;

Result<std::optional<Dawg>> ReadList(std::string_view bytes, int characters,
                                     std::string_view name) {
  if (bytes.empty()) return std::optional<Dawg>();
  ASSIGN_OR_RETURN(Dawg dawg, Dawg::Read(bytes, characters, name));
  return std::optional<Dawg>(dawg);
}

int32_t Follow(const Dawg& dawg, int32_t edge, int character) {
  return int32_t(edge == kNoEdge ? dawg.FirstEdge(character) : dawg.NextEdge(edge, character));
}

}  // namespace

Result<Dictionary> Dictionary::Read(std::string_view punctuation, std::string_view words,
                                    std::string_view numbers, const CharacterSet& characters) {
  const int count = int(characters.characters.size());
  Dictionary dictionary;
  ASSIGN_OR_RETURN(dictionary.punctuation_, ReadList(punctuation, count, "punctuation list"));
  ASSIGN_OR_RETURN(dictionary.words_, ReadList(words, count, "word list"));
  ASSIGN_OR_RETURN(dictionary.numbers_, ReadList(numbers, count, "number list"));
  dictionary.words_need_punctuation_ =
      dictionary.punctuation_ && dictionary.punctuation_->HasWordOf(kPattern);
  return dictionary;
}

DictionaryWalk::DictionaryWalk(const Dictionary& dictionary, const CharacterSet& characters)
    : dictionary_(dictionary), characters_(characters) {
  Forget();
}

void DictionaryWalk::ForgetIfLarge() {
  if (places_.size() > kManyPlaces) Forget();
}

void DictionaryWalk::Forget() {
  positions_.clear();
  places_.clear();
  remembered_.assign(kFirstSlots, {});
  remembered_count_ = 0;
  if (dictionary_.punctuation_) positions_.push_back({.in_punctuation = true});
  if (!dictionary_.words_need_punctuation_) {
    if (dictionary_.words_) positions_.push_back({.list = &*dictionary_.words_});
    if (dictionary_.numbers_) positions_.push_back({.list = &*dictionary_.numbers_});
  }
  places_.push_back({0, uint32_t(positions_.size())});
}

size_t DictionaryWalk::SlotFor(int32_t place, int character) const {
  const size_t mask = remembered_.size() - 1;
  size_t slot = (uint64_t(uint32_t(place)) * 0x9E3779B97F4A7C15u >> 20) + size_t(character) * 31;
  for (slot &= mask;; slot = (slot + 1) & mask) {
    const Remembered& entry = remembered_[slot];
    if (entry.place == kNowhere || (entry.place == place && entry.character == character)) {
      return slot;
    }
  }
}

void DictionaryWalk::Grow() {
  std::vector<Remembered> old(remembered_.size() * 2);
  old.swap(remembered_);
  for (const Remembered& entry : old) {
    if (entry.place != kNowhere) remembered_[SlotFor(entry.place, entry.character)] = entry;
  }
}

DictionaryWalk::Step DictionaryWalk::Follow(int32_t place, int character) {
  const size_t slot = SlotFor(place, character);
  if (remembered_[slot].place != kNowhere) return remembered_[slot].step;
  const Step step = Compute(place, character);
  remembered_[slot] = {place, character, step};
  if (++remembered_count_ * 2 > remembered_.size()) Grow();
  return step;
}

DictionaryWalk::Step DictionaryWalk::Compute(int32_t place, int character) {
  Step step;
  if (character == kPattern || character == kNoCharacter) return step;
  first_new_ = positions_.size();
  const Place from = places_[size_t(place)];
  for (uint32_t i = from.first; i < from.first + from.count; ++i) {
    const Position position = positions_[i];  // a copy: positions_ grows
    if (position.list == nullptr) {
      FollowFromPunctuation(position, character, step);
      continue;
    }
    BackToPunctuation(position, character, step);
    if (!position.back_in_punctuation) FollowInList(position, character, step);
  }
  if (step.kind == WordKind::kNone) return step;
  step.place = int32_t(places_.size());
  places_.push_back({uint32_t(first_new_), uint32_t(positions_.size() - first_new_)});
  return step;
}

void DictionaryWalk::FollowFromPunctuation(const Position& from, int character, Step& step) {
  const Dawg& punctuation = *dictionary_.punctuation_;
  const int32_t word_edge = gnosis::Follow(punctuation, from.punctuation_edge, kPattern);
  if (word_edge != kNoEdge) {
    for (const auto* list : {&dictionary_.words_, &dictionary_.numbers_}) {
      if (!*list) continue;
      const Dawg& dawg = **list;
      const int32_t edge = int32_t(dawg.FirstEdge(LetterFor(&dawg, character)));
      if (edge == kNoEdge) continue;
      Add({&dawg, edge, word_edge, true, false}, KindOf(&dawg),
          dawg.EndsWord(edge) && punctuation.EndsWord(word_edge), step);
    }
  }
  const int32_t edge = gnosis::Follow(punctuation, from.punctuation_edge, character);
  if (edge == kNoEdge) return;
  Add({nullptr, kNoEdge, edge, true, false}, WordKind::kPunctuation, punctuation.EndsWord(edge),
      step);
}

void DictionaryWalk::BackToPunctuation(const Position& from, int character, Step& step) {
  if (!from.in_punctuation || !from.list->EndsWord(from.list_edge)) return;
  const Dawg& punctuation = *dictionary_.punctuation_;
  const int32_t edge = int32_t(punctuation.NextEdge(from.punctuation_edge, character));
  if (edge == kNoEdge) return;
  Add({from.list, from.list_edge, edge, true, true}, KindOf(from.list), punctuation.EndsWord(edge),
      step);
}

void DictionaryWalk::FollowInList(const Position& from, int character, Step& step) {
  const Dawg& list = *from.list;
  const int32_t edge = gnosis::Follow(list, from.list_edge, LetterFor(&list, character));
  if (edge == kNoEdge) return;
  const bool may_end =
      !from.in_punctuation || dictionary_.punctuation_->EndsWord(from.punctuation_edge);
  Add({&list, edge, from.punctuation_edge, from.in_punctuation, false}, KindOf(&list),
      may_end && list.EndsWord(edge), step);
}

void DictionaryWalk::Add(const Position& position, WordKind kind, bool ends_word, Step& step) {
  step.kind = std::max(step.kind, kind);
  step.ends_word = step.ends_word || ends_word;
  const auto added = positions_.begin() + std::ptrdiff_t(first_new_);
  if (std::find(added, positions_.end(), position) == positions_.end()) {
    positions_.push_back(position);
  }
}

int DictionaryWalk::LetterFor(const Dawg* list, int character) const {
  const bool is_number = dictionary_.numbers_ && list == &*dictionary_.numbers_;
  return is_number && characters_.characters[size_t(character)].is_digit ? kPattern : character;
}

WordKind DictionaryWalk::KindOf(const Dawg* list) const {
  return dictionary_.numbers_ && list == &*dictionary_.numbers_ ? WordKind::kNumber
                                                                : WordKind::kWord;
}

}  // namespace gnosis
