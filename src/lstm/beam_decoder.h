// Decodes the probabilities of a line's columns into characters.
//
// A beam search equivalent to Tesseract's (RecodeBeamSearch). In every column a path begins a
// character, continues the last one, or has nothing. It keeps the few best paths, separately for
// paths within dictionary words and for free ones; leaving the dictionary has a cost.
//
// The network may share one column between a character and its neighbours. Such a column may count
// with the sum of their probabilities, provided that the columns next to it do not; so the end of a
// path also determines what may follow it.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "lstm/beam.h"
#include "lstm/character_set.h"
#include "lstm/column_candidates.h"
#include "lstm/dictionary.h"
#include "lstm/line_network.h"

namespace gnosis {

// One column of the best path.
struct PathColumn {
  int character = kNoCharacter;  // kNoCharacter: nothing here
  bool goes_on = false;          // continues the character of the previous column
  bool begins_word = false;      // a dictionary word
  WordKind kind = WordKind::kNone;
  float certainty = 0;
};

// Reuses its memory from line to line.
class BeamDecoder {
 public:
  // The arguments must outlive the decoder. `dictionary` may be empty.
  BeamDecoder(const CharacterSet& characters, const OutputCharacters& outputs, int null_output,
              const Dictionary& dictionary);
  // One entry per column; empty if no path is left.
  std::vector<PathColumn> Decode(const LineOutputs& line);

 private:
  // What may follow the end of a path: anything; only the same character; anything else.
  enum Follows { kAnything, kOnlySame, kAllButSame };
  static constexpr int kFollows = 3;
  enum class Lexicon { kFree, kWords };
  enum class WordEnds { kNo, kYes };

  struct Column {
    Beam free[kFollows];
    Beam words[kFollows];
    PathEnd word_starts[kFollows];  // the best of each

    void Clear();
    Beam& beam(Lexicon lexicon, Follows follows) {
      return (lexicon == Lexicon::kWords ? words : free)[follows];
    }
  };
  struct Trace {
    int32_t before = -1;
    PathColumn column;
  };
  // A character (or nothing) that begins in this column, and the path that it extends: null at the
  // start of the line.
  struct Beginning {
    const Candidate& candidate;
    const PathEnd* before;
    Follows follows;
    float certainty;
  };

  void FirstColumn(const std::vector<Candidate>& candidates);
  void NextColumn();
  void Continue(const PathEnd& end, Follows follows, Lexicon lexicon,
                const std::vector<Candidate>& candidates, CandidateGroup group);
  void GoOn(const PathEnd& end, Follows follows, Lexicon lexicon, const Candidate& candidate,
            CandidateGroup group);
  void PushSame(const PathEnd& end, Follows follows, Lexicon lexicon, float certainty);
  void BeginAll(const PathEnd* end, Follows follows, Lexicon lexicon,
                const std::vector<Candidate>& candidates, CandidateGroup group);
  void Begin(const Beginning& beginning, Lexicon lexicon);
  void BeginFree(const Beginning& beginning);
  void BeginInWords(const Beginning& beginning);
  void BeginBlank(const Beginning& beginning);
  void BeginLetter(const Beginning& beginning);
  void OfferWordStart(PathEnd end, WordEnds word_ends, Follows follows);
  PathEnd EndOf(const Beginning& beginning, WordKind kind, float certainty) const;
  // Records the character that `end` began, for the columns after it.
  static void SetLast(PathEnd& end, int32_t place, WordEnds word_ends);
  bool IsSpaceDelimited(int character) const;
  void KeepColumn();
  const PathEnd* BestEnd();
  std::vector<PathColumn> PathTo(const PathEnd& end) const;

  const CharacterSet& characters_;
  const int null_output_;
  const uint64_t output_count_;
  const bool has_dictionary_;
  DictionaryWalk walk_;
  ColumnCandidates candidates_;
  std::unique_ptr<Column> now_ = std::make_unique<Column>();
  std::unique_ptr<Column> before_ = std::make_unique<Column>();
  std::vector<Trace> traces_;
};

}  // namespace gnosis
