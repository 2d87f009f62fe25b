#include "lstm/column_candidates.h"

#include <algorithm>
#include <cmath>

namespace gnosis {
namespace {

constexpr double kCertaintyOffset = -0.085;
constexpr int kNextCount = 3;
constexpr int kUnknownRank = -1;

}  // namespace

float CertaintyOf(float probability) {
  static const float smallest = std::exp(kSmallestCertainty);
  const float certainty = probability > smallest ? std::log(probability) : kSmallestCertainty;
  return float(double(certainty) + kCertaintyOffset);
}

ColumnCandidates::ColumnCandidates(const OutputCharacters& outputs, int null_output)
    : outputs_(outputs), null_output_(null_output), rank_(outputs.character.size(), kUnknownRank) {
  for (size_t i = 0; i < outputs.outputs.size(); ++i) rank_[size_t(outputs.outputs[i])] = int(i);
}

void ColumnCandidates::Look(const float* probabilities, int count) {
  probabilities_ = probabilities;
  count_ = count;
  best_ = probabilities[0] >= probabilities[1] ? 0 : 1;
  second_ = 1 - best_;
  for (int output = 2; output < count; ++output) {
    if (probabilities[output] <= probabilities[second_]) continue;
    if (probabilities[output] > probabilities[best_]) {
      second_ = best_;
      best_ = output;
    } else {
      second_ = output;
    }
  }
}

Candidate ColumnCandidates::Make(int output, CandidateGroup group) const {
  Candidate candidate;
  candidate.output = output;
  candidate.character = outputs_.character[size_t(output)];
  candidate.alone = CertaintyOf(probabilities_[output]);
  candidate.may_begin = rank_[size_t(output)] != kUnknownRank &&
                        (candidate.alone >= kSmallestCertainty || output == null_output_);
  if (group != CandidateGroup::kBestTwo || output == null_output_) return candidate;
  const float with_nothing = probabilities_[output] + probabilities_[null_output_];
  const int rival = output == best_ ? second_ : best_;
  candidate.with_nothing = CertaintyOf(with_nothing);
  candidate.with_nothing_and_rival = CertaintyOf(with_nothing + probabilities_[rival]);
  return candidate;
}

void ColumnCandidates::FillBestTwo() {
  int tried[] = {best_, second_, null_output_};
  const bool has_null = best_ == null_output_ || second_ == null_output_;
  int* const end = tried + (has_null ? 2 : 3);
  std::sort(tried, end, [this](int a, int b) { return rank_[size_t(a)] < rank_[size_t(b)]; });
  for (const int* output = tried; output != end; ++output) {
    candidates_.push_back(Make(*output, CandidateGroup::kBestTwo));
  }
}

void ColumnCandidates::FillOthers(CandidateGroup group) {
  std::vector<int> others;
  for (int output = 0; output < count_; ++output) {
    if (output != best_ && output != second_) others.push_back(output);
  }
  const auto next_end = others.begin() + std::min<std::ptrdiff_t>(kNextCount, std::ssize(others));
  std::partial_sort(others.begin(), next_end, others.end(), [this](int a, int b) {
    return probabilities_[a] != probabilities_[b] ? probabilities_[a] > probabilities_[b] : a < b;
  });
  const bool next = group == CandidateGroup::kNextThree;
  for (auto output = next ? others.begin() : next_end; output != (next ? next_end : others.end());
       ++output) {
    if (*output != null_output_) candidates_.push_back(Make(*output, group));
  }
}

const std::vector<Candidate>& ColumnCandidates::Of(CandidateGroup group) {
  candidates_.clear();
  if (group == CandidateGroup::kBestTwo) {
    FillBestTwo();
  } else {
    FillOthers(group);
  }
  return candidates_;
}

}  // namespace gnosis
