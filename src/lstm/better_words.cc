#include "lstm/better_words.h"

#include <algorithm>
#include <climits>
#include <iterator>
#include <span>
#include <utility>

namespace gnosis {
namespace {

constexpr float kSureCertainty = -2.5;  // stopper_nondict_certainty_base
// How much worse a dictionary word may be than a word outside the dictionary and still win:
constexpr float kRatingRatio = 1.5;      // classify_max_rating_ratio
constexpr float kCertaintyMargin = 5.5;  // classify_max_certainty_margin

using Words = std::span<const LineWord>;

int Left(const LineWord& word) { return word.characters.front().left; }
int Right(const LineWord& word) { return word.characters.back().right; }

// The gap between word `at` and the next one; at the end of the line it is unlimited.
struct Gap {
  int begin = INT_MIN;
  int end = INT_MAX;
};
Gap GapAfter(Words words, size_t at) {
  Gap gap;
  if (at < words.size()) gap.begin = Right(words[at]);
  if (at + 1 < words.size()) gap.end = Left(words[at + 1]);
  return gap;
}

struct Verdict {
  float rating = 0;
  float certainty = 0;
  bool in_dictionary = true;
};
Verdict Judge(Words words) {
  Verdict verdict;
  for (const LineWord& word : words) {
    verdict.rating += word.rating;
    verdict.certainty = std::min(verdict.certainty, word.certainty);
    verdict.in_dictionary &= word.kind == WordKind::kWord;
  }
  return verdict;
}

bool IsBetter(Words words, Words than) {
  if (words.empty() || than.empty()) return than.empty();
  const Verdict a = Judge(words), b = Judge(than);
  if (a.certainty > b.certainty && a.rating < b.rating) return true;
  return a.in_dictionary && !b.in_dictionary && a.rating < b.rating * kRatingRatio &&
         a.certainty > b.certainty - kCertaintyMargin;
}

}  // namespace

bool IsReadSurely(const std::vector<LineWord>& words) {
  return !words.empty() && std::all_of(words.begin(), words.end(), [](const LineWord& word) {
    return word.certainty > kSureCertainty;
  });
}

std::vector<LineWord> BetterWords(std::vector<LineWord> first, std::vector<LineWord> second) {
  std::vector<LineWord> better;
  size_t i = 0, j = 0;
  while (i < first.size() || j < second.size()) {
    const size_t begin_i = i, begin_j = j;
    while (i < first.size() || j < second.size()) {
      const Gap gap_i = GapAfter(first, i), gap_j = GapAfter(second, j);
      if (std::max(gap_i.begin, gap_j.begin) < std::min(gap_i.end, gap_j.end)) break;
      const bool first_is_behind = gap_i.begin < gap_j.begin && i < first.size();
      ++(first_is_behind || j == second.size() ? i : j);
    }
    i = std::min(i + 1, first.size());
    j = std::min(j + 1, second.size());
    const bool take_second = IsBetter(Words(second).subspan(begin_j, j - begin_j),
                                      Words(first).subspan(begin_i, i - begin_i));
    std::vector<LineWord>& from = take_second ? second : first;
    const size_t begin = take_second ? begin_j : begin_i, end = take_second ? j : i;
    better.insert(better.end(), std::make_move_iterator(from.begin() + std::ptrdiff_t(begin)),
                  std::make_move_iterator(from.begin() + std::ptrdiff_t(end)));
  }
  return better;
}

}  // namespace gnosis
