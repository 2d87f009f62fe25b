#include "layout/letter_chains.h"

#include <algorithm>

#include "layout/disjoint_sets.h"
#include "layout/straight_line.h"

namespace gnosis {
namespace {

constexpr double kWidestGap = 1.1;  // letter heights, or the smaller letter's own height if larger
constexpr double kLeastOverlap = 0.45;  // of the height of the lower letter
constexpr int kMostUnlike = 3;          // ratio of heights
constexpr double kGroupGap = 6;         // letter heights
constexpr size_t kEndLetters = 8;       // at each end of a chain, to determine its height there

// Letters by the horizontal bands of the page that they occupy, each band from the left.
class LetterIndex {
 public:
  LetterIndex(const std::vector<Box>& letters, double letter_height)
      : letters_(letters), band_height_(std::max(1, int(letter_height))) {
    for (size_t i = 0; i < letters.size(); ++i) {
      for (int band = BandOf(letters[i].top); band <= BandOf(letters[i].bottom - 1); ++band) {
        if (bands_.size() <= size_t(band)) bands_.resize(size_t(band) + 1);
        bands_[size_t(band)].push_back(int(i));
      }
    }
  }

  // Calls `visit` for every letter whose left side is between that of `box` and `until`, and that
  // may overlap it vertically; for some more than once.
  template <typename Visit>
  void ForEachRightOf(const Box& box, double until, Visit visit) const {
    for (int band = BandOf(box.top); band <= BandOf(box.bottom - 1); ++band) {
      const std::vector<int>& in_band = bands_[size_t(band)];
      auto letter = std::upper_bound(
          in_band.begin(), in_band.end(), box.left,
          [this](int left, int other) { return left < letters_[size_t(other)].left; });
      for (; letter != in_band.end() && letters_[size_t(*letter)].left <= until; ++letter) {
        visit(*letter);
      }
    }
  }

 private:
  int BandOf(int y) const { return y / band_height_; }

  const std::vector<Box>& letters_;
  const int band_height_;
  std::vector<std::vector<int>> bands_;
};

bool AreNeighbours(const Box& a, const Box& b, double widest_gap, double letter_height) {
  const int lower = std::min(Height(a), Height(b));
  if (std::max(Height(a), Height(b)) > kMostUnlike * lower) return false;
  const int overlap = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
  return overlap >= kLeastOverlap * lower && a.left + a.right < b.left + b.right &&
         b.left - a.right <= widest_gap * std::max(double(lower), letter_height);
}

// The vertical extent of most letters near one end of a chain.
Box EndOf(const std::vector<Box>& letters) {
  Box end{letters.front().left, 0, letters.front().right, 0};
  std::vector<int> tops, bottoms;
  for (const Box& letter : letters) {
    end.left = std::min(end.left, letter.left);
    end.right = std::max(end.right, letter.right);
    tops.push_back(letter.top);
    bottoms.push_back(letter.bottom);
  }
  end.top = Median(std::move(tops));
  end.bottom = Median(std::move(bottoms));
  return end;
}
Box LeftEnd(const std::vector<Box>& chain) {
  const size_t count = std::min(chain.size(), kEndLetters);
  return EndOf({chain.begin(), chain.begin() + std::ptrdiff_t(count)});
}
Box RightEnd(const std::vector<Box>& chain) {
  const size_t count = std::min(chain.size(), kEndLetters);
  return EndOf({chain.end() - std::ptrdiff_t(count), chain.end()});
}

}  // namespace

std::vector<std::vector<Box>> ChainLetters(const std::vector<Box>& letters, double letter_height) {
  const LetterIndex index(letters, letter_height);
  DisjointSets sets(letters.size());
  for (size_t i = 0; i < letters.size(); ++i) {
    const Box& letter = letters[i];
    const double until =
        letter.right + kWidestGap * std::max(double(Height(letter)), letter_height);
    int next = -1;
    index.ForEachRightOf(letter, until, [&](int other) {
      const Box& box = letters[size_t(other)];
      if (!AreNeighbours(letter, box, kWidestGap, letter_height)) return;
      if (next < 0 || box.left < letters[size_t(next)].left) next = other;
    });
    if (next >= 0) sets.Join(i, size_t(next));
  }
  std::vector<std::vector<Box>> chains(letters.size());
  for (size_t i = 0; i < letters.size(); ++i) chains[sets.Find(i)].push_back(letters[i]);
  std::erase_if(chains, [](const auto& each) { return each.empty(); });
  return chains;
}

std::vector<std::vector<size_t>> GroupChains(const std::vector<std::vector<Box>>& chains,
                                             double letter_height) {
  DisjointSets sets(chains.size());
  std::vector<Box> left_ends, right_ends;
  for (const std::vector<Box>& chain : chains) {
    left_ends.push_back(LeftEnd(chain));
    right_ends.push_back(RightEnd(chain));
  }
  for (size_t i = 0; i < chains.size(); ++i) {
    size_t next = i;
    for (size_t other = 0; other < chains.size(); ++other) {
      if (other == i || !AreNeighbours(right_ends[i], left_ends[other], kGroupGap, letter_height)) {
        continue;
      }
      if (next == i || left_ends[other].left < left_ends[next].left) next = other;
    }
    if (next != i) sets.Join(i, next);
  }
  std::vector<std::vector<size_t>> groups(chains.size());
  for (size_t i = 0; i < chains.size(); ++i) groups[sets.Find(i)].push_back(i);
  std::erase_if(groups, [](const auto& each) { return each.empty(); });
  for (std::vector<size_t>& group : groups) {
    std::sort(group.begin(), group.end(),
              [&](size_t a, size_t b) { return left_ends[a].left < left_ends[b].left; });
  }
  return groups;
}

}  // namespace gnosis
