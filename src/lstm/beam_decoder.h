// From the probabilities of a line's columns to its characters.
//
// A beam search with the effect of Tesseract's (RecodeBeamSearch). In every column a path begins a
// character, goes on with the last one, or has nothing. The few best paths are kept, those that
// spell words of the dictionary apart from those that need not; leaving the dictionary costs.
//
// The network may share one column between a character and its neighbours. Such a column may count
// with the sum of their probabilities, if the columns beside it stand alone; so a path's end also
// says what may follow it.
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
  bool goes_on = false;          // the same as the column before, not begun anew
  bool begins_word = false;      // of the dictionary
  WordKind kind = WordKind::kNone;
  float certainty = 0;
};

// Keeps its memory from line to line.
class BeamDecoder {
 public:
  // All must outlive it. `dictionary` may be empty.
  BeamDecoder(const CharacterSet& characters, const OutputCharacters& outputs, int null_output,
              const Dictionary& dictionary);
  // One entry for each column; empty when no path is left.
  std::vector<PathColumn> Decode(const LineOutputs& line);

 private:
  // What may follow a path's end: anything; only the same again; anything but the same.
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
  // A character (or nothing) that a path may begin with, and the path that it continues: null at
  // the beginning of the line.
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
  // What the character that `end` began is for the columns behind it.
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
