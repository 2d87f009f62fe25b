#include "lstm/beam_decoder.h"

#include <algorithm>
#include <utility>

namespace gnosis {
namespace {

// Tesseract's values.
constexpr float kFreeCost = 2.25F;  // times the certainty of characters outside dictionary words
constexpr float kWorstInWords = -25.0F / 7.0F;

}  // namespace

BeamDecoder::BeamDecoder(const CharacterSet& characters, const OutputCharacters& outputs,
                         int null_output, const Dictionary& dictionary)
    : characters_(characters),
      null_output_(null_output),
      output_count_(outputs.character.size()),
      has_dictionary_(!dictionary.empty()),
      walk_(dictionary, characters),
      candidates_(outputs, null_output) {}

void BeamDecoder::Column::Clear() {
  for (Beam& beam : free) beam.Clear();
  for (Beam& beam : words) beam.Clear();
  for (PathEnd& start : word_starts) start.output = -1;
}

std::vector<PathColumn> BeamDecoder::Decode(const LineOutputs& line) {
  walk_.ForgetIfLarge();
  traces_.clear();
  for (int x = 0; x < line.width; ++x) {
    std::swap(now_, before_);
    now_->Clear();
    candidates_.Look(line.column(x), line.outputs);
    if (x == 0) {
      FirstColumn(candidates_.Of(CandidateGroup::kBestTwo));
    } else {
      NextColumn();
    }
    KeepColumn();
  }
  const PathEnd* end = line.width == 0 ? nullptr : BestEnd();
  return end == nullptr ? std::vector<PathColumn>() : PathTo(*end);
}

void BeamDecoder::FirstColumn(const std::vector<Candidate>& candidates) {
  BeginAll(nullptr, kAnything, Lexicon::kFree, candidates, CandidateGroup::kBestTwo);
  if (!has_dictionary_) return;
  BeginAll(nullptr, kAnything, Lexicon::kWords, candidates, CandidateGroup::kBestTwo);
}

void BeamDecoder::NextColumn() {
  for (const auto group :
       {CandidateGroup::kBestTwo, CandidateGroup::kNextThree, CandidateGroup::kRest}) {
    const std::vector<Candidate>& candidates = candidates_.Of(group);
    for (const Lexicon lexicon : {Lexicon::kFree, Lexicon::kWords}) {
      for (const Follows follows : {kAnything, kOnlySame, kAllButSame}) {
        const Beam& beam = before_->beam(lexicon, follows);
        for (int i = 0; i < beam.size(); ++i) {
          Continue(beam.at(i), follows, lexicon, candidates, group);
        }
      }
    }
    if (now_->free[kAnything].size() + now_->words[kAnything].size() > 0) break;
  }
  for (const Follows follows : {kAnything, kOnlySame, kAllButSame}) {
    const PathEnd& start = now_->word_starts[follows];
    if (start.output >= 0) now_->words[follows].Push(start);
  }
}

void BeamDecoder::Continue(const PathEnd& end, Follows follows, Lexicon lexicon,
                           const std::vector<Candidate>& candidates, CandidateGroup group) {
  for (const Candidate& candidate : candidates) {
    if (candidate.output == end.output) GoOn(end, follows, lexicon, candidate, group);
  }
  if (follows != kOnlySame) BeginAll(&end, follows, lexicon, candidates, group);
}

void BeamDecoder::GoOn(const PathEnd& end, Follows follows, Lexicon lexicon,
                       const Candidate& candidate, CandidateGroup group) {
  if (follows != kAllButSame) PushSame(end, kAnything, lexicon, candidate.alone);
  const bool may_share = group == CandidateGroup::kBestTwo && end.output != null_output_;
  if (follows == kAnything && may_share) {
    PushSame(end, kAllButSame, lexicon, candidate.with_nothing);
  }
}

void BeamDecoder::PushSame(const PathEnd& end, Follows follows, Lexicon lexicon, float certainty) {
  if (lexicon == Lexicon::kWords) {
    if (certainty <= kWorstInWords) return;
  } else {
    certainty *= kFreeCost;
    if (certainty < kSmallestCertainty && end.output != null_output_) return;
  }
  Beam& beam = now_->beam(lexicon, follows);
  const float score = certainty + end.score;
  if (!beam.Admits(score)) return;
  PathEnd same = end;
  same.score = score;
  same.certainty = certainty;
  same.before_word = same.begins_word = false;
  same.goes_on = true;
  beam.Push(same);
}

void BeamDecoder::BeginAll(const PathEnd* end, Follows follows, Lexicon lexicon,
                           const std::vector<Candidate>& candidates, CandidateGroup group) {
  for (const Candidate& candidate : candidates) {
    if (!candidate.may_begin || (end != nullptr && end->output == candidate.output)) continue;
    Begin({candidate, end, kAnything, candidate.alone}, lexicon);
    if (group != CandidateGroup::kBestTwo || candidate.output == null_output_) continue;
    const bool with_rival = end != nullptr && follows == kAnything && end->output != null_output_ &&
                            candidates_.AreTheTwoBest(end->output, candidate.output);
    Begin({candidate, end, kOnlySame,
           with_rival ? candidate.with_nothing_and_rival : candidate.with_nothing},
          lexicon);
  }
}

void BeamDecoder::Begin(const Beginning& beginning, Lexicon lexicon) {
  if (lexicon == Lexicon::kFree) {
    BeginFree(beginning);
  } else if (beginning.certainty > kWorstInWords) {
    BeginInWords(beginning);
  }
}

PathEnd BeamDecoder::EndOf(const Beginning& beginning, WordKind kind, float certainty) const {
  const PathEnd* before = beginning.before;
  PathEnd end;
  end.certainty = certainty;
  end.score = before == nullptr ? certainty : certainty + before->score;
  end.output = beginning.candidate.output;
  end.character = beginning.candidate.character;
  end.kind = kind;
  end.spelling = before == nullptr ? 0 : before->spelling;
  end.before = before == nullptr ? -1 : before->before;
  if (before != nullptr) end.last = before->last;
  if (end.output == null_output_) return end;
  const uint64_t carry = (end.spelling >> 32) * output_count_ >> 32;
  end.spelling = end.spelling * output_count_ + carry + uint64_t(end.output);
  return end;
}

void BeamDecoder::SetLast(PathEnd& end, int32_t place, WordEnds word_ends) {
  if (end.character == kNoCharacter) return;
  end.last = {true, end.character, end.kind, word_ends == WordEnds::kYes, end.before_word, place};
}

bool BeamDecoder::IsSpaceDelimited(int character) const {
  return character == kNoCharacter || characters_.characters[size_t(character)].is_space_delimited;
}

// After a blank, or a character of a script without blanks, that was recognised outside dictionary
// words, a dictionary word may begin. In that case the blank has no extra cost: it counts towards
// the word that follows, and the empty columns before it do not count. WordKind::kNone marks this.
void BeamDecoder::BeginFree(const Beginning& beginning) {
  PathEnd end = EndOf(beginning, WordKind::kUnknown, beginning.certainty * kFreeCost);
  const int character = end.character;
  Beam& beam = now_->beam(Lexicon::kFree, beginning.follows);
  if (beam.Admits(end.score)) {
    SetLast(end, DictionaryWalk::kNowhere, WordEnds::kNo);
    beam.Push(end);
  }
  if (!has_dictionary_) return;
  if (character == kSpaceCharacter && beginning.certainty > kWorstInWords) {
    OfferWordStart(EndOf(beginning, WordKind::kNone, beginning.certainty), WordEnds::kNo,
                   beginning.follows);
  } else if (!IsSpaceDelimited(character)) {
    OfferWordStart(end, WordEnds::kNo, beginning.follows);
  }
}

void BeamDecoder::OfferWordStart(PathEnd end, WordEnds word_ends, Follows follows) {
  PathEnd& best = now_->word_starts[follows];
  if (best.output >= 0 && end.score <= best.score) return;
  end.before_word = true;
  SetLast(end, DictionaryWalk::kWordStart, word_ends);
  best = end;
}

void BeamDecoder::BeginInWords(const Beginning& beginning) {
  if (beginning.candidate.character == kNoCharacter) {
    now_->beam(Lexicon::kWords, beginning.follows)
        .Push(EndOf(beginning, WordKind::kNone, beginning.certainty));
  } else if (beginning.candidate.character == kSpaceCharacter) {
    BeginBlank(beginning);
  } else {
    BeginLetter(beginning);
  }
}

void BeamDecoder::BeginBlank(const Beginning& beginning) {
  if (beginning.before == nullptr || !beginning.before->last.exists) return;
  const LastCharacter last = beginning.before->last;
  if (!last.ends_word) return;
  PathEnd end = EndOf(beginning, last.kind, beginning.certainty);
  OfferWordStart(end, WordEnds::kNo, beginning.follows);
  SetLast(end, DictionaryWalk::kNowhere, WordEnds::kNo);
  now_->beam(Lexicon::kFree, beginning.follows).Push(end);
}

void BeamDecoder::BeginLetter(const Beginning& beginning) {
  const float score = beginning.before == nullptr ? beginning.certainty
                                                  : beginning.certainty + beginning.before->score;
  Beam& words = now_->beam(Lexicon::kWords, beginning.follows);
  Beam& free = now_->beam(Lexicon::kFree, beginning.follows);
  if (!words.Admits(score) && !free.Admits(score)) return;
  const int character = beginning.candidate.character;
  LastCharacter last;
  if (beginning.before != nullptr) last = beginning.before->last;
  // Two words cannot meet without a blank if both characters belong to scripts that use blanks.
  if (last.exists && last.before_word && last.character != kSpaceCharacter &&
      IsSpaceDelimited(last.character) && IsSpaceDelimited(character)) {
    return;
  }
  const int32_t place = last.exists ? last.place : DictionaryWalk::kWordStart;
  if (place == DictionaryWalk::kNowhere) return;
  const DictionaryWalk::Step step = walk_.Follow(place, character);
  if (step.kind == WordKind::kNone) return;
  PathEnd end = EndOf(beginning, step.kind, beginning.certainty);
  end.begins_word = !last.exists || last.before_word;
  PathEnd in_word = end;
  SetLast(in_word, step.place, step.ends_word ? WordEnds::kYes : WordEnds::kNo);
  words.Push(in_word);
  if (!step.ends_word || characters_.is_space_delimited) return;
  SetLast(end, DictionaryWalk::kNowhere, WordEnds::kYes);
  free.Push(end);
  OfferWordStart(end, WordEnds::kYes, beginning.follows);
}

// Stores the paths of this column, for the next one to refer to.
void BeamDecoder::KeepColumn() {
  for (auto* beams : {&now_->free, &now_->words}) {
    for (Beam& beam : *beams) {
      for (int i = 0; i < beam.size(); ++i) {
        PathEnd& end = beam.at(i);
        traces_.push_back(
            {end.before, {end.character, end.goes_on, end.begins_word, end.kind, end.certainty}});
        end.before = int32_t(traces_.size()) - 1;
      }
    }
  }
}

// A path of dictionary words counts only if it ends with a complete word or a blank.
const PathEnd* BeamDecoder::BestEnd() {
  const PathEnd* best = nullptr;
  for (const Follows follows : {kAnything, kAllButSame}) {
    for (const Lexicon lexicon : {Lexicon::kFree, Lexicon::kWords}) {
      const Beam& beam = now_->beam(lexicon, follows);
      for (int i = 0; i < beam.size(); ++i) {
        const PathEnd& end = beam.at(i);
        const bool ends =
            end.last.exists && (end.last.ends_word || end.last.character == kSpaceCharacter);
        if (lexicon == Lexicon::kWords && !ends) continue;
        if (best == nullptr || end.score > best->score) best = &end;
      }
    }
  }
  return best;
}

std::vector<PathColumn> BeamDecoder::PathTo(const PathEnd& end) const {
  std::vector<PathColumn> path;
  for (int32_t at = end.before; at >= 0; at = traces_[size_t(at)].before) {
    path.push_back(traces_[size_t(at)].column);
  }
  std::reverse(path.begin(), path.end());
  return path;
}

}  // namespace gnosis
