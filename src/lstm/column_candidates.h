// The network outputs that are worth trying in one column, with their certainties.
#pragma once

#include <cstdint>
#include <vector>

#include "lstm/character_set.h"

namespace gnosis {

// Logarithm of a probability, at least -20; slightly lowered for every column, so that a path
// through fewer columns has no advantage.
constexpr float kSmallestCertainty = -20;
float CertaintyOf(float probability);

struct Candidate {
  int output = -1;
  int character = kNoCharacter;
  bool may_begin = false;  // represents a character, or nothing, and is not hopeless
  float alone = 0;
  // Only for the two best outputs: with the probability of nothing added, and also with that of the
  // other one of the two.
  float with_nothing = 0;
  float with_nothing_and_rival = 0;
};

// The two best outputs and the one for nothing are tried first; the next three, and then the rest,
// only if no path continues.
enum class CandidateGroup { kBestTwo, kNextThree, kRest };

class ColumnCandidates {
 public:
  ColumnCandidates(const OutputCharacters& outputs, int null_output);
  // Takes the probabilities of a column, which must remain valid until the next call.
  void Look(const float* probabilities, int count);
  const std::vector<Candidate>& Of(CandidateGroup group);
  bool AreTheTwoBest(int output, int other) const {
    return (output == best_ && other == second_) || (output == second_ && other == best_);
  }

 private:
  Candidate Make(int output, CandidateGroup group) const;
  void FillBestTwo();
  void FillOthers(CandidateGroup group);

  const OutputCharacters& outputs_;
  const int null_output_;
  std::vector<int> rank_;  // among outputs that represent something; otherwise -1
  const float* probabilities_ = nullptr;
  int count_ = 0;
  int best_ = 0;
  int second_ = 0;
  std::vector<Candidate> candidates_;
};

}  // namespace gnosis
